# Completion of idv for fish: asks the program itself. Install it as share/fish/vendor_completions.d/idv.fish.

function __idv_candidates
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
    if test "$lines[1]" = ":files"
        __fish_complete_path "$current"
    else
        string join \n -- $lines
    end
end

complete -c idv -f -a '(__idv_candidates)'
