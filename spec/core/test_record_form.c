/*
 * record_form.c: what a record may name as an id and as an address.
 */
#include "record_form.h"

#include "fenced.h"
#include "uri.h"

typedef struct verdict {
  const char *text;
  bool is_good;
} verdict;

static const verdict ids[] = {
    {"idv_tkoi5db4hryu5cei5vwoabr7we", true},
    {"a1b2c3d4-e5f6-7890-abcd-ef1234567890", true},
    {"48944", true},
    {"0", true},
    {"A.b~c-d_e", true},
    {"", false},
    {" ", false},
    {"a b", false},
    {" a", false},
    {"a\n", false},
    {"a\tb", false},
    {"a\x1b[2J", false},
    {"a\x7f", false},
    {"..", false},
    {"-", false},
    {"../a", false},
    {"a/b", false},
    {"a?b=c", false},
    {"a#b", false},
    {"a%00", false},
    {"https://evil.example", false},
    {"javascript:alert(1)", false},
    {"<script>", false},
    {"a\"", false},
    {"a'--", false},
    {"a;b", false},
    {"a\\b", false},
    {"caf\xc3\xa9", false},
    {"a\xe2\x80\xae"
     "b",
     false},
    {"a\xff", false},
};

static const verdict urls[] = {
    {"https://app.deepidv.com", true},
    {"http://localhost:3000/x", true},
    {"HTTPS://verification.impact.com/v/1?a=b&c=%20#d", true},
    {"https://[::1]:8443/x", true},
    {"https://x.example/a|b{c}^d", true},
    {"https://x.example/(a),;:@!$&*+=", true},
    {"", false},
    {"https://", false},
    {"https:", false},
    {"https:///x", false},
    {"x.example/a", false},
    {"/a", false},
    {"//x.example/a", false},
    {"javascript:alert(1)", false},
    {"JavaScript://x.example/%0aalert(1)", false},
    {"data:text/html,x", false},
    {"vbscript:x", false},
    {"file:///etc/passwd", false},
    {"ftp://x.example/", false},
    {"myapp://back", false},
    {"intent://x#Intent;end", false},
    {" https://x.example/", false},
    {"https://x.example/ ", false},
    {"https://x.example/a b", false},
    {"https://x.example/\n", false},
    {"https://x.example/\x1b[2J", false},
    {"https://x.example/\"><script>", false},
    {"https://x.example/'", false},
    {"https://x.example/\xc3\xa9", false},
    {"https://x.example\\@evil.example/", false},
    {"https://good.example@evil.example/", false},
    {"https://x.example:99999/", false},
    {"https://x y/", false},
    {"https://x%2ey/", false},
};

static void check_all(const verdict *rows, size_t count, bool (*is_good)(idv_slice text)) {
  for (size_t i = 0; i < count; i++) {
    for (fenced_side side = FENCED_END; side < FENCED_SIDES; side++) {
      idv_slice text = fenced_at(side, rows[i].text, strlen(rows[i].text));
      CHECK(rows[i].text, is_good(text) == rows[i].is_good);
    }
  }
}

static void an_id_is_a_short_word(void **state) {
  (void)state;
  check_all(ids, COUNT_OF(ids), idv_record_is_id);
  assert_false(idv_record_is_id(fenced_at(FENCED_END, BYTES("a\0b"))));
  assert_false(idv_record_is_id((idv_slice){.data = NULL}));
}

static void a_url_leads_to_a_web_page(void **state) {
  (void)state;
  check_all(urls, COUNT_OF(urls), idv_record_is_url);
  assert_false(idv_record_is_url(fenced_at(FENCED_END, BYTES("https://x.example/\0"))));
  assert_false(idv_record_is_url((idv_slice){.data = NULL}));
}

static void both_have_a_limit(void **state) {
  (void)state;
  static char text[IDV_URI_MAX + 1];
  memset(text, 'a', sizeof text);
  assert_true(idv_record_is_id(fenced_at(FENCED_END, text, IDV_RECORD_ID_MAX)));
  assert_false(idv_record_is_id(fenced_at(FENCED_END, text, IDV_RECORD_ID_MAX + 1)));
  memcpy(text, "https://x/", strlen("https://x/"));
  assert_true(idv_record_is_url(fenced_at(FENCED_END, text, IDV_URI_MAX)));
  assert_false(idv_record_is_url(fenced_at(FENCED_END, text, IDV_URI_MAX + 1)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_id_is_a_short_word),
      cmocka_unit_test(a_url_leads_to_a_web_page),
      cmocka_unit_test(both_have_a_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
