/*
 * Dates and times as ISO 8601 writes them.
 *
 * Whether a text is one, and whether its day and hour exist; nothing is converted. Not taken: years of more
 * than four digits, which need an agreement, and periods and intervals, which are not moments.
 */
#ifndef IDV_ISO8601_H
#define IDV_ISO8601_H

#include <stdbool.h>

#include "slice.h"

#pragma GCC visibility push(hidden)

/* YYYY-MM-DD, whatever month and day the digits name. */
bool idv_iso8601_is_written_as_day(idv_slice text);

/* YYYY-MM-DD, a day of the calendar. */
bool idv_iso8601_is_day(idv_slice text);

/*
 * A date (by month, week or day of the year, with hyphens or without, perhaps only down to the month or the
 * week), or a date down to the day, "T" and a time: with colons or without, perhaps only down to the minute
 * or the hour, with a fraction after a point or a comma, with "Z", an offset, or neither. "T" and "Z" may be
 * small. 24:00 ends a day, and :60 is a leap second.
 */
bool idv_iso8601_is_moment(idv_slice text);

#pragma GCC visibility pop

#endif
