# A chart of horizontal bars in groups. bench/charts.lua sets data, output, heading, groups (how many) and names (of the
# series, with | between them). A line of data is a label, then a value and its text for each series.

series = int((strlen(names) - strlen(system("printf %s '" . names . "' | tr -d '|'"))) + 1)
name(i) = system(sprintf("printf %%s '%s' | cut -d '|' -f %d", names, i))

thickness = 0.8 / series
top(group, i) = -group - (i - 1) * thickness
color(i) = word("#1f6fb2 #e08a1e #4f9a4f", i)

set encoding utf8
set terminal svg noenhanced size 760, 80 + groups * (12 + 17 * series) font "sans-serif,12" background "#ffffff"
set output output
set datafile separator "\t"
set title heading
set xrange [0:*]
set yrange [-groups:0.3]
set offsets 0, graph 0.12, 0, 0
unset xtics
set ytics scale 0
set border 2
if (series == 1) { unset key } else { set key outside bottom center horizontal }

plot for [i = 1:series] data \
       using (0):(top($0, i)):(0):(column(2 * i)):(top($0, i) - thickness):(top($0, i)) \
       with boxxyerror fillstyle solid noborder linecolor rgb color(i) title name(i), \
     for [i = 1:series] data using (column(2 * i)):(top($0, i) - thickness / 2):(stringcolumn(2 * i + 1)) \
       with labels left offset 0.5, 0 notitle, \
     data using (0):(-$0 - 0.4):ytic(1) with points pointtype 0 notitle
