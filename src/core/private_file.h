/*
 * Reading a small file that nobody else may read: credentials.
 *
 * The file is looked at after it has been opened, so what is judged is what is read. It has to be a plain
 * file that belongs to whoever runs this process (or to root) and that group and others can not touch.
 */
#ifndef IDV_PRIVATE_FILE_H
#define IDV_PRIVATE_FILE_H

#include <stdbool.h>

#include "buffer.h"

#pragma GCC visibility push(hidden)

/*
 * Appends the content of the file to `out`, whose ceiling is the largest file that is read. NULL on success;
 * otherwise a static sentence such as "can be read by others: chmod 600 it". `*is_missing` says whether it is
 * just not there.
 */
const char *idv_private_file_read(const char *path, idv_buffer *out, bool *is_missing);

#pragma GCC visibility pop

#endif
