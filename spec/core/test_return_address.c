/*
 * return_address.c: what an applicant may be sent back to, and the byte at which an address goes wrong.
 */
#include "return_address.h"

#include "fenced.h"

typedef struct row {
  const char *text;
  idv_return_flaw flaw;
  size_t at; /* of the characters that are flaws */
} row;

static const row rows[] = {
    {"https://example.com", IDV_RETURN_FINE, 0},
    {"HTTPS://example.com:8443/", IDV_RETURN_FINE, 0},
    {"https://example.com/back?x=1#y", IDV_RETURN_FINE, 0},
    {"https://example.com#/back", IDV_RETURN_FINE, 0},
    {"https://[::1]:3000/cb", IDV_RETURN_FINE, 0},
    {"https://user:password@staging.example/cb", IDV_RETURN_FINE, 0},
    {"http://localhost:3000/cb", IDV_RETURN_FINE, 0},
    {"http://10.0.2.2/cb", IDV_RETURN_FINE, 0},
    {"http://host_with_underscore/cb", IDV_RETURN_FINE, 0},
    {"myapp://verified", IDV_RETURN_FINE, 0},
    {"myapp://", IDV_RETURN_FINE, 0},
    {"myapp:", IDV_RETURN_FINE, 0},
    {"com.example.app:/cb", IDV_RETURN_FINE, 0},
    {"com.example.app:/cb?state=a%20b", IDV_RETURN_FINE, 0},
    {"exp://192.168.0.1:19000/--/cb", IDV_RETURN_FINE, 0},
    {"intent://cb#Intent;scheme=myapp;package=com.example;end", IDV_RETURN_FINE, 0},
    {"ms-app-x+1.2://x", IDV_RETURN_FINE, 0},
    {"urn:example:cb", IDV_RETURN_FINE, 0},
    {"javascripts://x", IDV_RETURN_FINE, 0},
    {"database:x", IDV_RETURN_FINE, 0},
    {"myapp://javascript:alert(1)", IDV_RETURN_FINE, 0},
    {"", IDV_RETURN_NO_SCHEME, 0},
    {"example.com", IDV_RETURN_NO_SCHEME, 0},
    {"/cb", IDV_RETURN_NO_SCHEME, 0},
    {"//example.com/cb", IDV_RETURN_NO_SCHEME, 0},
    {"?x=https://example.com", IDV_RETURN_NO_SCHEME, 0},
    {"://example.com", IDV_RETURN_NO_SCHEME, 0},
    {"1app://x", IDV_RETURN_NO_SCHEME, 0},
    {"%6aavascript:alert(1)", IDV_RETURN_NO_SCHEME, 0},
    {"my_app://x", IDV_RETURN_NO_SCHEME, 0},
    {"javascript:alert(1)", IDV_RETURN_RUNS, 0},
    {"JaVaScRiPt:alert(1)", IDV_RETURN_RUNS, 0},
    {"javascript://example.com/%0aalert(1)", IDV_RETURN_RUNS, 0},
    {"data:text/html,x", IDV_RETURN_RUNS, 0},
    {"DATA:text/html;base64,eA==", IDV_RETURN_RUNS, 0},
    {"vbscript:x", IDV_RETURN_RUNS, 0},
    {"file:///etc/passwd", IDV_RETURN_RUNS, 0},
    {"FILE://host/x", IDV_RETURN_RUNS, 0},
    {"blob:https://example.com/1", IDV_RETURN_RUNS, 0},
    {"about:blank", IDV_RETURN_RUNS, 0},
    {"filesystem:https://example.com/x", IDV_RETURN_RUNS, 0},
    {"view-source:https://example.com/", IDV_RETURN_RUNS, 0},
    {" javascript:alert(1)", IDV_RETURN_BLANK, 0},
    {"https://example.com/a b", IDV_RETURN_BLANK, 21},
    {"https://example.com/a\xc2\xa0"
     "b",
     IDV_RETURN_BLANK, 21},
    {"https://example.com/\xe2\x80\x8b", IDV_RETURN_BLANK, 20},
    {"https://b\xc3\xbc"
     "cher.example/",
     IDV_RETURN_NOT_ASCII, 9},
    {"https://example.com/caf\xc3\xa9", IDV_RETURN_NOT_ASCII, 23},
    {"\xef\xbc\x88", IDV_RETURN_NOT_ASCII, 0},
    {"java\tscript:alert(1)", IDV_RETURN_BAD_CHARACTER, 4},
    {"\x01javascript:alert(1)", IDV_RETURN_BAD_CHARACTER, 0},
    {"https://example.com\\@evil.example/", IDV_RETURN_BAD_CHARACTER, 19},
    {"https://example.com/<x>", IDV_RETURN_BAD_CHARACTER, 20},
    {"https://example.com/?q={x}", IDV_RETURN_BAD_CHARACTER, 23},
    {"https://", IDV_RETURN_BAD_HOST, 0},
    {"https:", IDV_RETURN_BAD_HOST, 0},
    {"https:example.com", IDV_RETURN_BAD_HOST, 0},
    {"https:/example.com", IDV_RETURN_BAD_HOST, 0},
    {"https:///cb", IDV_RETURN_BAD_HOST, 0},
    {"https://?x=1", IDV_RETURN_BAD_HOST, 0},
    {"http://:80/", IDV_RETURN_BAD_HOST, 0},
    {"https://example.com:0/", IDV_RETURN_BAD_HOST, 0},
    {"https://example.com:99999/", IDV_RETURN_BAD_HOST, 0},
    {"http://localhost:port/cb", IDV_RETURN_BAD_HOST, 0},
    {"https://example..com/", IDV_RETURN_BAD_HOST, 0},
};

static void rows_of_the_table(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    for (fenced_side side = FENCED_END; side < FENCED_SIDES; side++) {
      size_t at = 0;
      idv_slice text = fenced_at(side, rows[i].text, strlen(rows[i].text));
      CHECK(rows[i].text, idv_return_address_examine(text, &at) == rows[i].flaw);
      bool is_of_a_character = rows[i].flaw == IDV_RETURN_BLANK || rows[i].flaw == IDV_RETURN_NOT_ASCII ||
                               rows[i].flaw == IDV_RETURN_BAD_CHARACTER;
      CHECK(rows[i].text, !is_of_a_character || at == rows[i].at);
    }
  }
}

/* However long the path and the query are, only scheme and host have a limit. */
static void a_long_address_is_fine(void **state) {
  (void)state;
  static char text[40000] = "https://example.com/?state=";
  size_t at = 0, length = strlen(text);
  memset(text + length, 'x', sizeof text - length);
  assert_int_equal(IDV_RETURN_FINE, idv_return_address_examine((idv_slice){text, sizeof text}, &at));
}

static void a_nul_is_a_bad_character(void **state) {
  (void)state;
  static const char text[] = "https://example.com/\0";
  size_t at = 0;
  idv_return_flaw flaw = idv_return_address_examine(fenced_at(FENCED_END, text, sizeof text - 1), &at);
  assert_int_equal(IDV_RETURN_BAD_CHARACTER, flaw);
  assert_int_equal(20, at);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_of_the_table),
      cmocka_unit_test(a_long_address_is_fine),
      cmocka_unit_test(a_nul_is_a_bad_character),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
