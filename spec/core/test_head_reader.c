/*
 * head_reader.c: which heads count as an answer, line by line as they come in, and what is kept of them.
 */
#include "head_reader.h"

#include "check.h"
#include "failure.h"
#include "route.h"

typedef struct row {
  const char *what;
  const char *lines; /* cut behind each line feed */
  size_t length;
  const char *why; /* a part of the refusal; NULL: none */
  long status;     /* when it is complete; else 0 */
  const char *kept;
} row;

#define OK_LINE "HTTP/1.1 200 OK\r\n"

static const row rows[] = {
    {"an answer", BYTES(OK_LINE "A: b\r\n\r\n"), NULL, 200, OK_LINE "A: b\r\n\r\n"},
    {"HTTP/2", BYTES("HTTP/2 201 \r\na: b\r\n\r\n"), NULL, 201, "HTTP/2 201 \r\na: b\r\n\r\n"},
    {"HTTP/1.0", BYTES("HTTP/1.0 404 Not Found\r\n\r\n"), NULL, 404, "HTTP/1.0 404 Not Found\r\n\r\n"},
    {"no reason", BYTES("HTTP/1.1 204\r\n\r\n"), NULL, 204, "HTTP/1.1 204\r\n\r\n"},
    {"bare line feeds", BYTES("HTTP/1.1 200 OK\nA: b\n\n"), NULL, 200, "HTTP/1.1 200 OK\nA: b\n\n"},
    {"lower case", BYTES("http/1.1 200 ok\r\n\r\n"), NULL, 200, "http/1.1 200 ok\r\n\r\n"},
    {"the last status", BYTES("HTTP/1.1 599 X\r\n\r\n"), NULL, 599, "HTTP/1.1 599 X\r\n\r\n"},

    {"no blank line", BYTES(OK_LINE "A: b\r\n"), NULL, 0, OK_LINE "A: b\r\n"},
    {"half a line", BYTES(OK_LINE "Content-Le"), NULL, 0, OK_LINE "Content-Le"},
    {"half a line of two bytes", BYTES(OK_LINE "Co"), NULL, 0, OK_LINE "Co"},
    {"a status line without end", BYTES("HTTP/1.1 200"), "not HTTP", 0, ""},
    {"half a status", BYTES("HTTP/1.1 20"), "not HTTP", 0, ""},
    {"nothing", BYTES(""), NULL, 0, ""},

    {"interim answers",
     BYTES("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nL: m\r\n\r\n" OK_LINE "A: b\r\n\r\n"), NULL, 200,
     OK_LINE "A: b\r\n\r\n"},
    {"only an interim answer", BYTES("HTTP/1.1 103 X\r\nL: m\r\n\r\n"), NULL, 0, ""},
    {"half an answer after one", BYTES("HTTP/1.1 100 X\r\n\r\n" OK_LINE "A: b\r\n"), NULL, 0,
     OK_LINE "A: b\r\n"},
    {"another protocol", BYTES("HTTP/1.1 101 X\r\nUpgrade: irc\r\n\r\n"), "another protocol", 0, NULL},
    {"a trailer like a status line", BYTES(OK_LINE "A: b\r\n\r\nHTTP/1.1: foo\r\n\r\n"), NULL, 200,
     OK_LINE "A: b\r\n\r\n"},
    {"a trailer like an answer", BYTES(OK_LINE "\r\nHTTP/1.1 500 X\r\nLocation: x\r\n\r\n"), NULL, 200,
     OK_LINE "\r\n"},
    {"a header like a status line", BYTES(OK_LINE "HTTP/1.1: 500\r\n\r\n"), NULL, 200,
     OK_LINE "HTTP/1.1: 500\r\n\r\n"},

    {"status 000", BYTES("HTTP/1.1 000 X\r\n"), "status", 0, ""},
    {"status 099", BYTES("HTTP/1.1 099 X\r\n"), "status", 0, ""},
    {"status 600", BYTES("HTTP/1.1 600 X\r\n"), "status", 0, ""},
    {"status 999", BYTES("HTTP/1.1 999 X\r\n"), "status", 0, ""},
    {"two digits", BYTES("HTTP/1.1 20 X\r\n"), "not HTTP", 0, ""},
    {"four digits", BYTES("HTTP/1.1 2000 X\r\n"), "not HTTP", 0, ""},
    {"a sign", BYTES("HTTP/1.1 +20 X\r\n"), "not HTTP", 0, ""},
    {"letters", BYTES("HTTP/1.1 2OO X\r\n"), "not HTTP", 0, ""},
    {"two blanks", BYTES("HTTP/1.1  200 X\r\n"), "not HTTP", 0, ""},
    {"no blank", BYTES("HTTP/1.1\r\n"), "not HTTP", 0, ""},
    {"a blank before", BYTES(" HTTP/1.1 200 OK\r\n"), "not HTTP", 0, ""},
    {"an empty line before", BYTES("\r\n" OK_LINE "\r\n"), "not HTTP", 0, ""},
    {"another protocol's greeting", BYTES("220 mail ESMTP\r\n"), "not HTTP", 0, ""},
    {"RTSP", BYTES("RTSP/1.0 200 OK\r\n"), "not HTTP", 0, ""},

    {"the same length twice", BYTES(OK_LINE "Content-Length: 5\r\ncontent-length:5\r\n\r\n"), NULL, 200,
     OK_LINE "Content-Length: 5\r\ncontent-length:5\r\n\r\n"},
    {"two lengths", BYTES(OK_LINE "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"), "length", 0, NULL},
    {"two in one line", BYTES(OK_LINE "Content-Length: 5, 6\r\n\r\n"), "length", 0, NULL},
    {"a negative length", BYTES(OK_LINE "Content-Length: -5\r\n\r\n"), "length", 0, NULL},
    {"a length with a sign", BYTES(OK_LINE "Content-Length: +5\r\n\r\n"), "length", 0, NULL},
    {"a hexadecimal length", BYTES(OK_LINE "Content-Length: 0x5\r\n\r\n"), "length", 0, NULL},
    {"a length with a fraction", BYTES(OK_LINE "Content-Length: 5.0\r\n\r\n"), "length", 0, NULL},
    {"no digits", BYTES(OK_LINE "Content-Length: \r\n\r\n"), "length", 0, NULL},
    {"more than can be counted", BYTES(OK_LINE "Content-Length: 99999999999999999999\r\n\r\n"), "length", 0,
     NULL},
    {"two lengths of a refusal", BYTES("HTTP/1.1 429 X\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"),
     "length", 0, NULL},

    {"a NUL in a value", BYTES(OK_LINE "A: b\0c\r\n"), "NUL", 0, NULL},
    {"a NUL in the status line", BYTES("HTTP/1.1 200 \0\r\n"), "NUL", 0, ""},
    {"a NUL in a trailer", BYTES(OK_LINE "\r\nA: \0\r\n"), NULL, 200, OK_LINE "\r\n"},
    {"a folded line", BYTES(OK_LINE "A: b\r\n  c\r\nD: e\r\n\r\n"), NULL, 200,
     OK_LINE "A: b  c\r\nD: e\r\n\r\n"},
    {"one folded with a tab, twice", BYTES(OK_LINE "A: b\n\tc\n\td\n\n"), NULL, 200,
     OK_LINE "A: b\tc\td\n\n"},
};

static const char *feed(idv_head_reader *reader, idv_buffer *head, const char *lines, size_t length) {
  const char *why = NULL;
  while (length > 0 && why == NULL) {
    const char *end = memchr(lines, '\n', length);
    size_t used = end != NULL ? (size_t)(end - lines) + 1 : length;
    why = idv_head_reader_add(reader, head, (idv_slice){.data = lines, .length = used});
    lines += used;
    length -= used;
  }
  return why;
}

static void only_a_whole_head_of_an_answer_counts(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const row *r = &rows[i];
    idv_head_reader reader = {0};
    idv_buffer head;
    idv_buffer_init(&head, 4096);
    const char *why = feed(&reader, &head, r->lines, r->length);
    CHECK(r->what, (why == NULL) == (r->why == NULL) && (why == NULL || strstr(why, r->why) != NULL));
    CHECK(r->what, reader.is_complete == (r->status != 0));
    CHECK(r->what, !reader.is_complete || reader.status == r->status);
    if (r->kept != NULL) {
      CHECK_SLICE(r->what, idv_buffer_slice(&head), r->kept);
    }
    idv_buffer_free(&head);
  }
}

static void chunks_and_a_length_end_in_two_places(void **state) {
  (void)state;
  static const char text[] = OK_LINE "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n";
  idv_head_reader reader = {0};
  idv_buffer head;
  idv_buffer_init(&head, 4096);
  assert_null(feed(&reader, &head, text, sizeof text - 1));
  assert_true(reader.is_complete);
  assert_true(reader.has_doubtful_end);
  idv_buffer_free(&head);
}

static void there_is_a_ceiling_for_all_heads_together(void **state) {
  (void)state;
  static const char interim[] = "HTTP/1.1 103 Early Hints\r\n\r\n";
  idv_head_reader reader = {0};
  idv_buffer head;
  const char *why = NULL;
  idv_buffer_init(&head, 4096);
  size_t bytes = 0;
  for (; why == NULL; bytes += sizeof interim - 1) {
    why = feed(&reader, &head, interim, sizeof interim - 1);
    assert_true(bytes <= IDV_HEAD_CEILING);
  }
  assert_string_equal(idv_failure_head_too_large.reason, why);
  idv_buffer_free(&head);
}

static void a_head_that_cannot_be_kept_says_why(void **state) {
  (void)state;
  static const char text[] = OK_LINE "A: a line that is longer than there is room for\r\n\r\n";
  idv_head_reader reader = {0};
  idv_buffer head;
  idv_buffer_init(&head, 24);
  assert_string_equal(idv_failure_head_too_large.reason, feed(&reader, &head, text, sizeof text - 1));
  assert_int_equal(IDV_BUFFER_TOO_LARGE, head.state);
  idv_buffer_free(&head);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_a_whole_head_of_an_answer_counts),
      cmocka_unit_test(chunks_and_a_length_end_in_two_places),
      cmocka_unit_test(there_is_a_ceiling_for_all_heads_together),
      cmocka_unit_test(a_head_that_cannot_be_kept_says_why),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
