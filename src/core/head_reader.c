#include "head_reader.h"

#include <string.h>

#include "ascii.h"
#include "failure.h"
#include "head.h"
#include "route.h"

/* Digits of a Content-Length: libcurl counts in 63 bits. */
#define LONGEST_LENGTH 18

static bool is_line_end(idv_slice line) {
  return idv_slice_equals(line, "\r\n") || idv_slice_equals(line, "\n");
}

static bool is_digit_at(idv_slice line, size_t at) {
  return at < line.length && idv_ascii_is_digit(line.data[at]);
}

/* The three digits after the first blank of "HTTP/1.1 200 OK"; -1 when the line is none of that form. */
static long status_of(idv_slice line) {
  const char *blank = memchr(line.data, ' ', line.length);
  if (!idv_slice_starts_ignoring_case(line, "HTTP/") || blank == NULL) {
    return -1;
  }
  size_t at = (size_t)(blank - line.data) + 1;
  bool has_three = is_digit_at(line, at) && is_digit_at(line, at + 1) && is_digit_at(line, at + 2);
  if (!has_three || at + 3 >= line.length || strchr(" \r\n", line.data[at + 3]) == NULL) {
    return -1;
  }
  const char *digits = line.data + at;
  return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
}

static const char *begin(idv_head_reader *reader, idv_slice line) {
  reader->status = status_of(line);
  if (reader->status < 0) {
    return idv_failure_not_http.reason;
  }
  bool is_known = reader->status >= 100 && reader->status <= 599;
  return is_known ? NULL : "the status of the answer is not one that HTTP has";
}

/* ---- the length ---- */

static bool is_length(idv_slice value) {
  bool is_number = value.length > 0 && value.length <= LONGEST_LENGTH;
  for (size_t i = 0; i < value.length && is_number; i++) {
    is_number = idv_ascii_is_digit(value.data[i]);
  }
  return is_number;
}

static bool is_same(idv_slice a, idv_slice b) {
  return a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
}

/* Looks at what says where the body ends. False when its length is no number, or said in two ways. */
static bool read_framing(idv_head_reader *reader, idv_slice head) {
  idv_slice name, value, length = {.data = NULL};
  bool is_coded = false;
  while (idv_head_next(&head, &name, &value)) {
    is_coded = is_coded || idv_slice_equals_ignoring_case(name, "Transfer-Encoding");
    if (idv_slice_equals_ignoring_case(name, "Content-Length")) {
      if (!is_length(value) || (length.data != NULL && !is_same(length, value))) {
        return false;
      }
      length = value;
    }
  }
  reader->has_doubtful_end = is_coded && length.data != NULL;
  return true;
}

static const char *end(idv_head_reader *reader, idv_buffer *head) {
  if (reader->status == 101) {
    return "the server went over to another protocol";
  }
  if (reader->status < 200) {
    idv_buffer_reset(head);
    return NULL;
  }
  reader->is_complete = read_framing(reader, idv_buffer_slice(head));
  return reader->is_complete ? NULL : "the answer gives its length in a way that cannot be relied on";
}

/* ---- lines ---- */

/* Takes the line end off what is kept, so that the line that follows goes on with it. */
static void unfold(idv_buffer *head) {
  size_t length = head->length;
  while (length > 0 && strchr("\r\n", head->data[length - 1]) != NULL) {
    length--;
  }
  idv_buffer_truncate(head, length);
}

static const char *keep(idv_buffer *head, idv_slice line) {
  bool is_folded = line.data[0] == ' ' || line.data[0] == '\t';
  if (is_folded) {
    unfold(head);
  }
  return idv_buffer_append_slice(head, line) ? NULL : idv_failure_head_too_large.reason;
}

const char *idv_head_reader_add(idv_head_reader *reader, idv_buffer *head, idv_slice line) {
  reader->bytes += line.length;
  if (reader->bytes > IDV_HEAD_CEILING) {
    return idv_failure_head_too_large.reason;
  }
  if (reader->is_complete || line.length == 0) {
    return NULL;
  }
  if (memchr(line.data, '\0', line.length) != NULL) {
    return "the head of the answer holds a NUL byte";
  }
  const char *why = head->length == 0 ? begin(reader, line) : NULL;
  if (why == NULL) {
    why = keep(head, line);
  }
  return why == NULL && is_line_end(line) ? end(reader, head) : why;
}
