/*
 * The head of an answer while it comes in, line by line, and whether it is one that can be relied on.
 *
 * libcurl reads a head leniently: it reports success for one that ends in the middle, takes a status of 000,
 * and believes the last of two lengths. Here a head counts once its blank line has come, after a status from
 * 200 to 599 and with a length that is said in one way. Interim answers (1xx) are forgotten, lines that come
 * after a complete head (trailers) are counted and dropped, a folded line is joined to the one before it.
 * What the fields mean is not looked at.
 */
#ifndef IDV_HEAD_READER_H
#define IDV_HEAD_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

#pragma GCC visibility push(hidden)

typedef struct idv_head_reader {
  long status;           /* of the last status line, 0 before the first */
  bool is_complete;      /* the blank line of an answer that is not interim has come */
  bool has_doubtful_end; /* it is complete, but another reader may see another end of the body */
  size_t bytes;          /* of all lines, those of interim answers and trailers too */
} idv_head_reader;

/*
 * Takes the next line, with its line end, and keeps what belongs to the answer in `head`. NULL, or why the
 * answer is no good: a static sentence. When memory was short, `head` says so.
 */
const char *idv_head_reader_add(idv_head_reader *reader, idv_buffer *head, idv_slice line);

#pragma GCC visibility pop

#endif
