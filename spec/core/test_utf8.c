/*
 * utf8.c: the borders of RFC 3629 row by row, then every code point and some hundred thousand byte sequences
 * against a decoder that is written down another way.
 */
#include "utf8.h"

#include "fenced.h"

typedef struct row {
  const char *what;
  const char *bytes;
  size_t length;
  size_t characters, valid_bytes;
} row;

static const row rows[] = {
    {"nothing", BYTES(""), 0, 0},
    {"ASCII", BYTES("abc"), 3, 3},
    {"a NUL is a character", BYTES("a\0b"), 3, 3},
    {"U+007F", BYTES("\x7f"), 1, 1},
    {"U+0080", BYTES("\xc2\x80"), 1, 2},
    {"U+07FF", BYTES("\xdf\xbf"), 1, 2},
    {"U+0800", BYTES("\xe0\xa0\x80"), 1, 3},
    {"U+D7FF, before the surrogates", BYTES("\xed\x9f\xbf"), 1, 3},
    {"U+E000, after the surrogates", BYTES("\xee\x80\x80"), 1, 3},
    {"U+FFFF", BYTES("\xef\xbf\xbf"), 1, 3},
    {"U+10000", BYTES("\xf0\x90\x80\x80"), 1, 4},
    {"U+10FFFF", BYTES("\xf4\x8f\xbf\xbf"), 1, 4},
    {"a name", BYTES("Zo\xc3\xab \xe6\x9d\x8e \xf0\x9f\x98\x80"), 7, 13},
    {"a continuation byte alone", BYTES("\x80"), 0, 0},
    {"a continuation byte too many", BYTES("\xc2\x80\x80"), 1, 2},
    {"overlong '/', two bytes", BYTES("\xc0\xaf"), 0, 0},
    {"overlong NUL", BYTES("\xc0\x80"), 0, 0},
    {"overlong U+007F", BYTES("\xc1\xbf"), 0, 0},
    {"overlong U+07FF, three bytes", BYTES("\xe0\x9f\xbf"), 0, 0},
    {"overlong U+FFFF, four bytes", BYTES("\xf0\x8f\xbf\xbf"), 0, 0},
    {"the first surrogate", BYTES("\xed\xa0\x80"), 0, 0},
    {"the last surrogate", BYTES("\xed\xbf\xbf"), 0, 0},
    {"U+110000", BYTES("\xf4\x90\x80\x80"), 0, 0},
    {"five bytes long", BYTES("\xf8\x88\x80\x80\x80"), 0, 0},
    {"0xfe", BYTES("\xfe"), 0, 0},
    {"0xff", BYTES("\xff"), 0, 0},
    {"two bytes, cut off", BYTES("\xc3"), 0, 0},
    {"three bytes, cut off after one", BYTES("\xe6"), 0, 0},
    {"three bytes, cut off after two", BYTES("\xe6\x9d"), 0, 0},
    {"four bytes, cut off after three", BYTES("\xf0\x9f\x98"), 0, 0},
    {"cut off after whole characters", BYTES("a\xc3\xab\xf0\x9f"), 2, 3},
    {"broken by ASCII",
     BYTES("ab\xe6\x9d"
           "cd"),
     2, 2},
    {"broken by another start", BYTES("\xc3\xc3\xab"), 0, 0},
};

static void rows_of_the_table(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    for (fenced_side side = FENCED_END; side < FENCED_SIDES; side++) {
      idv_slice text = fenced_at(side, rows[i].bytes, rows[i].length);
      idv_utf8_count count = idv_utf8_measure(text);
      CHECK(rows[i].what, count.characters == rows[i].characters);
      CHECK(rows[i].what, count.valid_bytes == rows[i].valid_bytes);
      CHECK(rows[i].what, idv_utf8_is_valid(text) == (rows[i].valid_bytes == rows[i].length));
    }
  }
}

static void an_absent_text_is_valid_and_empty(void **state) {
  (void)state;
  idv_utf8_count count = idv_utf8_measure((idv_slice){.data = NULL});
  assert_int_equal(0, count.characters);
  assert_int_equal(0, count.valid_bytes);
  assert_true(idv_utf8_is_valid((idv_slice){.data = NULL}));
}

static size_t encode(uint32_t point, char *out) {
  static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
  size_t length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  for (size_t i = length; i-- > 1;) {
    out[i] = (char)(0x80 | (point & 0x3f));
    point >>= 6;
  }
  out[0] = (char)(marks[length] | point);
  return length;
}

static void every_code_point_but_the_surrogates_is_one_character(void **state) {
  (void)state;
  for (uint32_t point = 0; point < 0x120000; point++) {
    char bytes[4], what[16];
    idv_slice text = {.data = bytes, .length = encode(point, bytes)};
    bool is_scalar = point < 0x110000 && (point < 0xd800 || point > 0xdfff);
    idv_utf8_count count = idv_utf8_measure(text);
    if (count.characters != is_scalar || count.valid_bytes != (is_scalar ? text.length : 0)) {
      snprintf(what, sizeof what, "U+%04X", (unsigned)point);
      CHECK(what, count.characters == is_scalar && count.valid_bytes == (is_scalar ? text.length : 0));
    }
  }
}

/* The length of the character at the front by the arithmetic of the encoding, 0 when there is none. */
static size_t length_by_arithmetic(const unsigned char *bytes, size_t available) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  unsigned char first = bytes[0];
  size_t length = first < 0x80 ? 1 : (first & 0xe0) == 0xc0 ? 2 : (first & 0xf0) == 0xe0 ? 3 : 4;
  uint32_t point = length == 1 ? first : first & (0x7fu >> length);
  if (length > available || (length == 4 && (first & 0xf8) != 0xf0)) {
    return 0;
  }
  for (size_t i = 1; i < length; i++) {
    if (bytes[i] >> 6 != 2) {
      return 0;
    }
    point = point << 6 | (bytes[i] & 0x3fu);
  }
  bool is_scalar = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
  return is_scalar && point >= least[length] ? length : 0;
}

static void check_sequence(const unsigned char *bytes, size_t length) {
  idv_slice text = {.data = (const char *)bytes, .length = length};
  size_t expected = length_by_arithmetic(bytes, length);
  size_t valid_bytes = idv_utf8_measure(text).valid_bytes;
  bool agrees = expected == 0 ? valid_bytes == 0 : valid_bytes >= expected;
  if (!agrees || idv_utf8_is_valid((idv_slice){.data = text.data, .length = expected}) != true) {
    fail_msg("%02x %02x %02x %02x (first %zu): %zu valid bytes, expected %zu", bytes[0], bytes[1], bytes[2],
             bytes[3], length, valid_bytes, expected);
  }
}

static void sequences_agree_with_the_arithmetic(void **state) {
  (void)state;
  static const unsigned char borders[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
  for (unsigned first = 0x80; first < 256; first++) {
    for (unsigned second = 0; second < 256; second++) {
      for (size_t i = 0; i < COUNT_OF(borders); i++) {
        for (size_t j = 0; j < COUNT_OF(borders); j += first < 0xf0 ? COUNT_OF(borders) : 1) {
          unsigned char bytes[] = {(unsigned char)first, (unsigned char)second, borders[i], borders[j]};
          size_t length = first < 0xf0 ? 3 : 4;
          check_sequence(bytes, length);
          check_sequence(bytes, length - 1);
        }
      }
    }
  }
}

/* ---- blanks ---- */

static const struct {
  const char *bytes;
  size_t length;
} blanks[] = {
    {" ", 1},
    {"\xc2\xa0", 2},     /* no-break space */
    {"\xe1\x9a\x80", 3}, /* ogham */
    {"\xe2\x80\x80", 3},
    {"\xe2\x80\x83", 3},
    {"\xe2\x80\x8a", 3}, /* spaces of some width */
    {"\xe2\x80\x8b", 3}, /* of none */
    {"\xe2\x80\xaf", 3},
    {"\xe2\x81\x9f", 3},
    {"\xe3\x80\x80", 3},
    {"\xef\xbb\xbf", 3},
};

static const char *const others[] = {
    "a",
    "\t",
    "\n",
    "\xc2\xa1",
    "\xc3\xa0",
    "\xe2\x80\x8c",
    "\xe2\x80\x8d",
    "\xe2\x80\x93",
    "\xe3\x80\x81",
    "\xef\xbc\x90",
};

static void every_blank_is_one_with_all_its_bytes(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(blanks); i++) {
    char text[16];
    snprintf(text, sizeof text, "x%s", blanks[i].bytes);
    CHECK(blanks[i].bytes, idv_utf8_blank_at(fenced(text), 1) == blanks[i].length);
    CHECK(blanks[i].bytes, idv_utf8_blank_at(fenced(text), 0) == 0);
    CHECK(blanks[i].bytes, idv_utf8_is_blank(fenced(blanks[i].bytes)));
    CHECK(blanks[i].bytes, !idv_utf8_is_blank(fenced(text)));
    for (size_t cut = 1; cut < blanks[i].length; cut++) {
      CHECK(blanks[i].bytes, idv_utf8_blank_at(fenced_at(FENCED_END, blanks[i].bytes, cut), 0) == 0);
    }
  }
  assert_true(idv_utf8_is_blank(fenced("")));
  assert_true(idv_utf8_is_blank(fenced(" \t\xc2\xa0\xe3\x80\x80 ")));
}

static void nothing_else_is_a_blank(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(others); i++) {
    CHECK(others[i], idv_utf8_blank_at(fenced(others[i]), 0) == 0);
    CHECK(others[i], !idv_utf8_is_blank(fenced(others[i])) || others[i][0] == '\t');
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_of_the_table),
      cmocka_unit_test(an_absent_text_is_valid_and_empty),
      cmocka_unit_test(every_code_point_but_the_surrogates_is_one_character),
      cmocka_unit_test(sequences_agree_with_the_arithmetic),
      cmocka_unit_test(every_blank_is_one_with_all_its_bytes),
      cmocka_unit_test(nothing_else_is_a_blank),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
