/*
 * rule.c: which texts obey, and that what is said about the others is right, complete and never the value.
 */
#include "rule.h"

#include "fenced.h"

typedef struct rule_row {
  const char *what;
  idv_rule rule;
  const char *bytes;
  size_t length;
  const char *why; /* NULL: obeys */
} rule_row;

#define LIMITS(least, most) .min_characters = (least), .max_characters = (most)
#define ANY LIMITS(1, IDV_RULE_NO_MAX)

static const rule_row rows[] = {
    {"text", {IDV_RULE_TEXT, ANY}, BYTES("Ada"), NULL},
    {"text of any script", {IDV_RULE_TEXT, ANY}, BYTES("Zo\xc3\xab \xe6\x9d\x8e"), NULL},
    {"blanks around it", {IDV_RULE_TEXT, ANY}, BYTES(" a "), NULL},
    {"the least", {IDV_RULE_TEXT, LIMITS(3, 5)}, BYTES("abc"), NULL},
    {"the most", {IDV_RULE_TEXT, LIMITS(3, 5)}, BYTES("abcde"), NULL},
    {"characters count, not bytes", {IDV_RULE_TEXT, LIMITS(1, 2)}, BYTES("\xf0\x9f\x98\x80\xc3\xab"), NULL},
    {"nothing", {IDV_RULE_TEXT, ANY}, BYTES(""), "is empty; must be text"},
    {"nothing, where none are needed", {IDV_RULE_TEXT, LIMITS(0, 5)}, BYTES(""), "is empty; must be text"},
    {"only blanks", {IDV_RULE_TEXT, ANY}, BYTES("   "), "is empty; must be text"},
    {"nothing, of another type",
     {IDV_RULE_COUNTRY, ANY},
     BYTES(""),
     "is empty; must be a two-letter country code such as FR"},
    {"one less",
     {IDV_RULE_TEXT, LIMITS(3, 5)},
     BYTES("ab"),
     "has 2 characters; the provider takes at least 3"},
    {"one at all",
     {IDV_RULE_TEXT, LIMITS(3, 5)},
     BYTES("a"),
     "has 1 character; the provider takes at least 3"},
    {"one more",
     {IDV_RULE_TEXT, LIMITS(3, 5)},
     BYTES("abcdef"),
     "has 6 characters; the provider takes at most 5"},
    {"one character more, in four bytes each",
     {IDV_RULE_TEXT, LIMITS(1, 1)},
     BYTES("\xf0\x9f\x98\x80\xf0\x9f\x98\x80"),
     "has 2 characters; the provider takes at most 1"},
    {"not UTF-8",
     {IDV_RULE_TEXT, ANY},
     BYTES("ab\xff"
           "cd"),
     "is not valid UTF-8 (byte 3)"},
    {"not UTF-8 from the start", {IDV_RULE_TEXT, ANY}, BYTES("\x80"), "is not valid UTF-8 (byte 1)"},
    {"a character cut off", {IDV_RULE_TEXT, ANY}, BYTES("a\xc3"), "is not valid UTF-8 (byte 2)"},
    {"not UTF-8 is said before too long",
     {IDV_RULE_TEXT, LIMITS(1, 1)},
     BYTES("abc\xff"),
     "is not valid UTF-8 (byte 4)"},
    {"a line end",
     {IDV_RULE_TEXT, ANY},
     BYTES("a\nb"),
     "holds a control character (byte 2); only plain text is allowed"},
    {"a NUL",
     {IDV_RULE_TEXT, ANY},
     BYTES("ab\0"),
     "holds a control character (byte 3); only plain text is allowed"},
    {"DEL",
     {IDV_RULE_TEXT, ANY},
     BYTES("\x7f"),
     "holds a control character (byte 1); only plain text is allowed"},
    {"next line (U+0085)",
     {IDV_RULE_TEXT, ANY},
     BYTES("a\xc2\x85"
           "b"),
     "holds a control character (byte 2); only plain text is allowed"},
    {"a line separator (U+2028)",
     {IDV_RULE_TEXT, ANY},
     BYTES("\xe2\x80\xa8"),
     "holds a control character (byte 1); only plain text is allowed"},
    {"a paragraph separator (U+2029)",
     {IDV_RULE_TEXT, ANY},
     BYTES("ab\xe2\x80\xa9"),
     "holds a control character (byte 3); only plain text is allowed"},
    {"a dash (U+2013) and a no-break space (U+00A0)",
     {IDV_RULE_TEXT, ANY},
     BYTES("a\xe2\x80\x93\xc2\xa0"
           "b"),
     NULL},
    {"a tab in an address",
     {IDV_RULE_EMAIL, ANY},
     BYTES("ada@example.com\t"),
     "holds a control character (byte 16); only plain text is allowed"},
    {"the prefix", {IDV_RULE_TOKEN, ANY, .prefix = "idv_"}, BYTES("idv_1"), NULL},
    {"another prefix",
     {IDV_RULE_TOKEN, ANY, .prefix = "idv_"},
     BYTES("idx_1"),
     "must be an id that begins with idv_"},
    {"the prefix alone",
     {IDV_RULE_TOKEN, ANY, .prefix = "idv_"},
     BYTES("idv_"),
     "must be an id that begins with idv_"},
    {"a part of the prefix",
     {IDV_RULE_TOKEN, ANY, .prefix = "idv_"},
     BYTES("id"),
     "must be an id that begins with idv_"},
    {"the prefix in another case",
     {IDV_RULE_TOKEN, ANY, .prefix = "idv_"},
     BYTES("IDV_1"),
     "must be an id that begins with idv_"},
    {"the prefix, but not the shape",
     {IDV_RULE_TOKEN, ANY, .prefix = "idv_"},
     BYTES("idv_/x"),
     "holds a character that no id has at byte 5; must be an id made of letters, digits and - . _ ~"},
    {"a blank before the prefix",
     {IDV_RULE_TOKEN, ANY, .prefix = "idv_"},
     BYTES(" idv_1"),
     "begins with a blank; must be an id made of letters, digits and - . _ ~"},
    {"too long is said before the shape",
     {IDV_RULE_EMAIL, LIMITS(1, 3)},
     BYTES("nope"),
     "has 4 characters; the provider takes at most 3"},
};

/* ---- reasons ---- */

typedef struct reason_row {
  idv_rule_type type;
  const char *bytes;
  size_t length;
  const char *why; /* NULL: obeys; ends in "*" where what is right follows */
} reason_row;

/* The provider is called Acme. */
static const reason_row reasons[] = {
    {IDV_RULE_EMAIL, BYTES("a@b"), NULL},
    {IDV_RULE_EMAIL, BYTES("a..b.@docomo.example"), NULL},
    {IDV_RULE_EMAIL, BYTES(".a@b.c."), NULL},
    {IDV_RULE_EMAIL, BYTES("\"a@b\"@c"), NULL},
    {IDV_RULE_EMAIL,
     BYTES("zo\xc3\xab+x@b\xc3\xbc"
           "cher.example"),
     NULL},
    {IDV_RULE_EMAIL, BYTES("a@[127.0.0.1]"), NULL},
    {IDV_RULE_EMAIL, BYTES("a(b),c;d:e@f_g"), NULL},
    {IDV_RULE_EMAIL, BYTES("ada"), "has no @; must be an e-mail address such as ada@example.com"},
    {IDV_RULE_EMAIL, BYTES("@b.c"), "has nothing before the @; *"},
    {IDV_RULE_EMAIL, BYTES("a@"), "has nothing behind the @; *"},
    {IDV_RULE_EMAIL, BYTES("a@b@"), "has nothing behind the @; *"},
    {IDV_RULE_EMAIL, BYTES("@"), "has nothing before the @; *"},
    {IDV_RULE_EMAIL, BYTES(" a@b.c"), "begins with a blank; *"},
    {IDV_RULE_EMAIL, BYTES("a@b.c "), "ends with a blank; *"},
    {IDV_RULE_EMAIL, BYTES("a@b.c\xc2\xa0"), "ends with a blank; *"},
    {IDV_RULE_EMAIL,
     BYTES("\xef\xbb\xbf"
           "a@b.c"),
     "begins with a blank; *"},
    {IDV_RULE_EMAIL, BYTES("a@b.c\xe2\x80\x8b"), "ends with a blank; *"},
    {IDV_RULE_EMAIL, BYTES("Ada L <a@b.c>"), "holds a blank at byte 4; *"},
    {IDV_RULE_EMAIL, BYTES("a\xe3\x80\x80@b.c"), "holds a blank at byte 2; *"},
    {IDV_RULE_PHONE, BYTES("+15192223333"), NULL},
    {IDV_RULE_PHONE, BYTES("+1234567890"), NULL},
    {IDV_RULE_PHONE, BYTES("+1 519 222"),
     "holds a blank at byte 3; must be a phone number in E.164 form such as +15192223333"},
    {IDV_RULE_PHONE, BYTES(" +15192223333"), "begins with a blank; *"},
    {IDV_RULE_PHONE,
     BYTES("+1\xc2\xa0"
           "5192223333"),
     "holds a blank at byte 3; *"},
    {IDV_RULE_PHONE,
     BYTES("\xef\xbc\x8b"
           "15192223333"),
     "holds a character that is not ASCII at byte 1; *"},
    {IDV_RULE_PHONE, BYTES("+1519222333\xef\xbc\x93"), "holds a character that is not ASCII at byte 12; *"},
    {IDV_RULE_PHONE,
     BYTES("+1519\xe2\x80\x93"
           "2223333"),
     "holds a character that is not ASCII at byte 6; *"},
    {IDV_RULE_PHONE, BYTES("+44(0)2079460000"), "holds a bracket at byte 4; *"},
    {IDV_RULE_PHONE, BYTES("+1-519-222-3333"), "holds a hyphen at byte 3; *"},
    {IDV_RULE_PHONE, BYTES("+1.519.222.3333"), "holds a dot at byte 3; *"},
    {IDV_RULE_PHONE, BYTES("+49/1512223333"), "holds a slash at byte 4; *"},
    {IDV_RULE_PHONE, BYTES("+15192223333x12"), "holds a letter at byte 13; *"},
    {IDV_RULE_PHONE, BYTES("+15192223333,12"), "holds a character that is not a digit at byte 13; *"},
    {IDV_RULE_PHONE, BYTES("++15192223333"), "holds a plus at byte 2; *"},
    {IDV_RULE_PHONE, BYTES("0015192223333"), "begins with 00 instead of a plus; *"},
    {IDV_RULE_PHONE, BYTES("5192223333"), "does not begin with a plus and a country's code; *"},
    {IDV_RULE_PHONE, BYTES("tel:+15192223333"), "does not begin with a plus and a country's code; *"},
    {IDV_RULE_PHONE, BYTES("+0234567890"), "has a 0 behind the plus, where a country's code begins; *"},
    {IDV_RULE_PHONE, BYTES("+29012345"), "has 8 digits, but Acme takes 10 to 15; *"},
    {IDV_RULE_PHONE, BYTES("+1234567890123456"), "has 16 digits, but Acme takes 10 to 15; *"},
    {IDV_RULE_PHONE, BYTES("+"), "has 0 digits, but Acme takes 10 to 15; *"},
    {IDV_RULE_DIAL_CODE, BYTES("+1"), NULL},
    {IDV_RULE_DIAL_CODE, BYTES("+1684000"), NULL},
    {IDV_RULE_DIAL_CODE, BYTES("44"),
     "does not begin with a plus and a country's code; must be a dialling prefix such as +44"},
    {IDV_RULE_DIAL_CODE, BYTES("0044"), "begins with 00 instead of a plus; *"},
    {IDV_RULE_DIAL_CODE, BYTES("+"), "has no digit behind the plus; *"},
    {IDV_RULE_DIAL_CODE, BYTES("+1-684"), "holds a hyphen at byte 3; *"},
    {IDV_RULE_NATIONAL_NUMBER, BYTES("07123456789"), NULL},
    {IDV_RULE_NATIONAL_NUMBER, BYTES("+447123"),
     "holds a plus at byte 1; must be 1 to 14 digits, without the dialling prefix"},
    {IDV_RULE_NATIONAL_NUMBER, BYTES("7123 456"), "holds a blank at byte 5; *"},
    {IDV_RULE_NATIONAL_NUMBER, BYTES("123456789012345"),
     "has 15 digits, but Acme takes 1 to 14 digits, without the dialling prefix"},
    {IDV_RULE_DATE, BYTES("1990-02-30"),
     "is a day that the calendar does not have; must be a date written YYYY-MM-DD"},
    {IDV_RULE_DATE, BYTES("02.01.1990"), "is not written YYYY-MM-DD, as Acme takes dates"},
    {IDV_RULE_DATE, BYTES("19900102"), "is not written YYYY-MM-DD, as Acme takes dates"},
    {IDV_RULE_DATE, BYTES("1990-01-02T00:00:00Z"), "is not written YYYY-MM-DD, as Acme takes dates"},
    {IDV_RULE_DATE, BYTES("1990-01-02 "), "ends with a blank; *"},
    {IDV_RULE_TIME, BYTES("20260105"), NULL},
    {IDV_RULE_TIME, BYTES("2026-01-05 09:00:00"),
     "holds a blank at byte 11; must be an ISO 8601 date or time: *"},
    {IDV_RULE_TIME, BYTES("2026-02-30T09:00:00Z"), "is a day that the calendar does not have; *"},
    {IDV_RULE_TIME, BYTES("05.01.2026"), "is none of the forms of ISO 8601; *"},
    {IDV_RULE_TIME, BYTES("1767600000"), "is none of the forms of ISO 8601; *"},
    {IDV_RULE_COUNTRY, BYTES("GBR"), "is not what Acme takes; must be a two-letter country code such as FR"},
    {IDV_RULE_LANGUAGE, BYTES("en_US"),
     "holds an underscore at byte 3; must be a language tag such as en-US"},
    {IDV_RULE_LANGUAGE, BYTES("abcdefghi"), "must be a language tag such as en-US"},
    {IDV_RULE_TOKEN, BYTES("a/b"), "holds a character that no id has at byte 2; *"},
    {IDV_RULE_TOKEN, BYTES(".."), "must be an id made of letters, digits and - . _ ~"},
    {IDV_RULE_URI, BYTES("com.example.app:/cb"), NULL},
    {IDV_RULE_URI, BYTES("http://localhost:3000/cb"), NULL},
    {IDV_RULE_URI, BYTES(" https://a.bc/"),
     "begins with a blank; must be an absolute address such as https://example.com/back"},
    {IDV_RULE_URI, BYTES("https://a.bc/ "), "ends with a blank; *"},
    {IDV_RULE_URI, BYTES("https://a.bc/a b"), "holds a blank at byte 15: write it as %20, or leave it out"},
    {IDV_RULE_URI, BYTES("https://a.bc/\xc3\xa9"),
     "holds a character that is not ASCII at byte 14: write it as xn--... or %C3%A9"},
    {IDV_RULE_URI, BYTES("https://a.bc/{x}"),
     "holds a character that no address has at byte 14: percent-encode it"},
    {IDV_RULE_URI, BYTES("a.bc/cb"), "is not absolute; *"},
    {IDV_RULE_URI, BYTES("JavaScript:alert(1)"),
     "begins with javascript:, data: or another scheme that leads nowhere back; *"},
    {IDV_RULE_URI, BYTES("https:///cb"), "has no host, or one or a port that is malformed; *"},
    {IDV_RULE_HTTPS_URL, BYTES("https://user:pw@a.bc/?q#f"), NULL},
    {IDV_RULE_HTTPS_URL, BYTES("http://a.bc/"),
     "is an http address, but Acme takes https only; must be an https address such as "
     "https://example.com/back"},
    {IDV_RULE_HTTPS_URL, BYTES("myapp://cb"), "has another scheme, but Acme takes https only; *"},
    {IDV_RULE_HTTPS_URL, BYTES("//a.bc/"), "is not absolute; *"},
};

static void check_reason(const reason_row *row) {
  char why[IDV_RULE_WHY_MAX] = "";
  idv_rule rule = {.type = row->type, ANY, .whose = "Acme"};
  bool obeys = idv_rule_check(&rule, fenced_at(FENCED_END, row->bytes, row->length), why);
  CHECK(row->bytes, obeys == (row->why == NULL));
  if (row->why == NULL) {
    return;
  }
  size_t length = strlen(row->why);
  bool is_beginning = row->why[length - 1] == '*';
  if (is_beginning ? strncmp(why, row->why, length - 1) != 0 : strcmp(why, row->why) != 0) {
    fail_msg("%s: \"%s\", expected \"%s\"", row->bytes, why, row->why);
  }
}

static void the_reason_comes_first(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(reasons); i++) {
    check_reason(&reasons[i]);
  }
}

static void check_row(const rule_row *row, fenced_side side) {
  char why[IDV_RULE_WHY_MAX] = "";
  bool obeys = idv_rule_check(&row->rule, fenced_at(side, row->bytes, row->length), why);
  CHECK(row->what, obeys == (row->why == NULL));
  if (row->why != NULL && strcmp(why, row->why) != 0) {
    fail_msg("%s: \"%s\", expected \"%s\"", row->what, why, row->why);
  }
}

static void rows_of_the_table(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    check_row(&rows[i], FENCED_END);
    check_row(&rows[i], FENCED_START);
  }
}

/* ---- the types ---- */

typedef struct type_row {
  const char *name;
  idv_rule_type type;
  const char *obeys, *does_not; /* NULL: every text obeys */
} type_row;

static const type_row types[] = {
    {"text", IDV_RULE_TEXT, "x", NULL},
    {"email", IDV_RULE_EMAIL, "a@b", "a"},
    {"phone", IDV_RULE_PHONE, "+1234567890", "1234567890"},
    {"dial_code", IDV_RULE_DIAL_CODE, "+1", "1"},
    {"national_number", IDV_RULE_NATIONAL_NUMBER, "1", "+1"},
    {"date", IDV_RULE_DATE, "2024-02-29", "2023-02-29"},
    {"time", IDV_RULE_TIME, "2024-02-29T00:00:00", "2024-02-29T"},
    {"country", IDV_RULE_COUNTRY, "DE", "DEU"},
    {"language", IDV_RULE_LANGUAGE, "de", "de_DE"},
    {"token", IDV_RULE_TOKEN, "a", "/"},
    {"uri", IDV_RULE_URI, "app:/h", "/h"},
    {"https_url", IDV_RULE_HTTPS_URL, "https://h", "ftp://h"},
};

static void every_type_has_a_name_and_its_shape(void **state) {
  (void)state;
  assert_int_equal(IDV_RULE_TYPES, COUNT_OF(types));
  for (size_t i = 0; i < COUNT_OF(types); i++) {
    char why[IDV_RULE_WHY_MAX] = "";
    idv_rule rule = {.type = IDV_RULE_TYPES, ANY};
    CHECK(types[i].name, idv_rule_type_named(types[i].name, &rule.type));
    CHECK(types[i].name, rule.type == types[i].type);
    CHECK(types[i].name, idv_rule_check(&rule, fenced(types[i].obeys), why));
    if (types[i].does_not != NULL) {
      CHECK(types[i].name, !idv_rule_check(&rule, fenced(types[i].does_not), why));
      CHECK(types[i].name, strlen(why) > 0);
    }
  }
}

static void other_names_are_of_no_type(void **state) {
  (void)state;
  static const char *const names[] = {"", "Text", "texts", "tex", "url", "https-url"};
  for (size_t i = 0; i < COUNT_OF(names); i++) {
    idv_rule_type type = IDV_RULE_DATE;
    CHECK(names[i], !idv_rule_type_named(names[i], &type));
    CHECK(names[i], type == IDV_RULE_DATE);
  }
}

/* What the sentences give as an example must be one. */
static void the_example_of_each_expectation_obeys(void **state) {
  (void)state;
  int examples = 0;
  for (int type = 0; type < IDV_RULE_TYPES; type++) {
    char why[IDV_RULE_WHY_MAX] = "";
    idv_rule rule = {.type = (idv_rule_type)type, ANY};
    const char *such_as = strstr(idv_rule_expectation(rule.type), "such as ");
    if (such_as != NULL) {
      const char *example = such_as + strlen("such as ");
      examples++;
      CHECK(example, idv_rule_check(&rule, fenced(example), why));
    }
  }
  assert_int_equal(8, examples);
}

/* ---- what is said ---- */

static void every_sentence_fits(void **state) {
  (void)state;
  char why[IDV_RULE_WHY_MAX], letters[40000];
  memset(letters, 'a', sizeof letters);
  for (int type = 0; type < IDV_RULE_TYPES; type++) {
    const idv_rule rules[] = {{(idv_rule_type)type, LIMITS(SIZE_MAX, SIZE_MAX)}, {(idv_rule_type)type, ANY}};
    const idv_slice texts[] = {
        fenced(""), fenced("\n"), fenced("\xff"), fenced("://"), {letters, sizeof letters}};
    for (size_t i = 0; i < COUNT_OF(rules) * COUNT_OF(texts); i++) {
      why[0] = '\0';
      why[sizeof why - 2] = '\0'; /* the last one before the NUL: not reached unless it was cut off */
      idv_rule_check(&rules[i % COUNT_OF(rules)], texts[i / COUNT_OF(rules)], why);
      CHECK(why, why[sizeof why - 2] == '\0');
    }
  }
}

static void a_prefix_of_any_length_does_not_overflow(void **state) {
  (void)state;
  char prefix[2 * IDV_RULE_WHY_MAX], why[IDV_RULE_WHY_MAX + 1];
  memset(prefix, 'p', sizeof prefix);
  prefix[sizeof prefix - 1] = '\0';
  why[IDV_RULE_WHY_MAX] = '#';
  idv_rule rule = {.type = IDV_RULE_TOKEN, ANY, .prefix = prefix};
  assert_false(idv_rule_check(&rule, fenced("x"), why));
  assert_int_equal(IDV_RULE_WHY_MAX - 1, strlen(why));
  assert_int_equal('#', why[IDV_RULE_WHY_MAX]);
}

/* A text that has `marker` in it and obeys no rule but that of plain text, and perhaps not even that. */
static void write_hostile_text(uint64_t *random, const char *marker, char *out, size_t length) {
  static const char *const alphabets[] = {NULL, "htps:/@.", "+0123456789-", "abc @.\n"};
  check_random_bytes(random, alphabets[check_random_below(random, COUNT_OF(alphabets))], out, length);
  memcpy(out + check_random_below(random, length - strlen(marker) + 1), marker, strlen(marker));
}

static void what_is_said_never_holds_the_value(void **state) {
  (void)state;
  static const char marker[] = "QzJ7";
  uint64_t random = 13;
  char text[24], why[IDV_RULE_WHY_MAX];
  int refused = 0;
  for (int i = 0; i < 20000; i++) {
    idv_rule rule = {.type = (idv_rule_type)(i % IDV_RULE_TYPES), LIMITS((size_t)(i % 30), 2048)};
    rule.prefix = i % 3 == 0 ? "idv_" : NULL;
    write_hostile_text(&random, marker, text, sizeof text);
    if (!idv_rule_check(&rule, fenced_at(FENCED_END, text, sizeof text), why)) {
      refused++;
      CHECK(why, strstr(why, marker) == NULL);
      CHECK(why, why[0] != '\0');
    }
  }
  assert_true(refused > 10000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_of_the_table),
      cmocka_unit_test(the_reason_comes_first),
      cmocka_unit_test(every_type_has_a_name_and_its_shape),
      cmocka_unit_test(other_names_are_of_no_type),
      cmocka_unit_test(the_example_of_each_expectation_obeys),
      cmocka_unit_test(every_sentence_fits),
      cmocka_unit_test(a_prefix_of_any_length_does_not_overflow),
      cmocka_unit_test(what_is_said_never_holds_the_value),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
