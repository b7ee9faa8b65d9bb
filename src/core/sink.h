/*
 * A file that appears under its name only when it is complete.
 *
 * Bytes go to a file without a name in the same folder (O_TMPFILE, so that nothing is left even after a kill
 * -9) or, where the file system can not do that, to a hidden temporary one. Committing writes it through to
 * the disk and moves it over the final name in one step; of a large file most is there by then. Mode 0600.
 * The name may not be a symbolic link or anything else that is not a plain file. Calls block the way disks
 * do.
 */
#ifndef IDV_SINK_H
#define IDV_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

typedef struct idv_sink idv_sink;

/*
 * Opens a sink for `path`. `*why` is NULL on success; on failure NULL is returned and it is a static sentence
 * such as "the folder does not exist" or "is a symbolic link". A relative path counts from the present
 * folder, which must not change before the sink is committed.
 */
idv_sink *idv_sink_open(const char *path, const char **why);

/* Appends bytes. False when the disk refuses; idv_sink_failure says why. */
bool idv_sink_write(idv_sink *sink, const char *bytes, size_t length);

/* Forgets what was written: a new attempt begins. */
bool idv_sink_restart(idv_sink *sink);

/* The bytes at either end by which a file is known: enough for what a PDF says of itself. */
#define IDV_SINK_EDGE 1024

/* Copies the first bytes, or the last ones, and says how many. The place to write at does not move. */
size_t idv_sink_first(const idv_sink *sink, char edge[IDV_SINK_EDGE]);
size_t idv_sink_last(const idv_sink *sink, char edge[IDV_SINK_EDGE]);

/* Bytes written since the last restart. */
uint64_t idv_sink_length(const idv_sink *sink);

/*
 * Puts the complete file under its name. False when that fails, or a write has failed before; nothing is left
 * behind then.
 */
bool idv_sink_commit(idv_sink *sink);

/* A static sentence for the last failure, such as "the disk is full"; NULL when there was none. */
const char *idv_sink_failure(const idv_sink *sink);

/* Gives everything back; what was not committed is gone. NULL is fine. */
void idv_sink_close(idv_sink *sink);

#pragma GCC visibility pop

#endif
