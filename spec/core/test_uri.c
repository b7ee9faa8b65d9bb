/*
 * uri.c: splitting what may be an address and refusing what may not, which hosts are this machine, encoding
 * and decoding. Relative references are in test_uri_resolve.c.
 */
#include "uri.h"

#include "fenced.h"

/* ---- splitting ---- */

typedef struct split {
  const char *text;
  const char *scheme, *userinfo, *host, *port, *path, *query, *fragment;
} split;

static const split splits[] = {
    {"", NULL, NULL, NULL, NULL, "", NULL, NULL},
    {"https://example.com", "https", NULL, "example.com", NULL, "", NULL, NULL},
    {"https://example.com/", "https", NULL, "example.com", NULL, "/", NULL, NULL},
    {"https://u:p@example.com:8443/a/b?c=d&e#f", "https", "u:p", "example.com", "8443", "/a/b", "c=d&e", "f"},
    {"HTTPS://Example.COM", "HTTPS", NULL, "Example.COM", NULL, "", NULL, NULL},
    {"https://example.com?q", "https", NULL, "example.com", NULL, "", "q", NULL},
    {"https://example.com#f", "https", NULL, "example.com", NULL, "", NULL, "f"},
    {"https://example.com/?", "https", NULL, "example.com", NULL, "/", "", NULL},
    {"https://example.com/#", "https", NULL, "example.com", NULL, "/", NULL, ""},
    {"https://h/a?b?c", "https", NULL, "h", NULL, "/a", "b?c", NULL},
    {"https://h/a#b?c", "https", NULL, "h", NULL, "/a", NULL, "b?c"},
    {"https://h/a:b@c", "https", NULL, "h", NULL, "/a:b@c", NULL, NULL},
    {"https://h/%zz%", "https", NULL, "h", NULL, "/%zz%", NULL, NULL},
    {"https://h//b", "https", NULL, "h", NULL, "//b", NULL, NULL},
    {"https://@h", "https", "", "h", NULL, "", NULL, NULL},
    {"https://h:1", "https", NULL, "h", "1", "", NULL, NULL},
    {"https://h:65535", "https", NULL, "h", "65535", "", NULL, NULL},
    {"https://[::1]", "https", NULL, "[::1]", NULL, "", NULL, NULL},
    {"https://[2001:db8::1]:443/x", "https", NULL, "[2001:db8::1]", "443", "/x", NULL, NULL},
    {"https://[::ffff:192.0.2.1]", "https", NULL, "[::ffff:192.0.2.1]", NULL, "", NULL, NULL},
    {"https://[0000:0000:0000:0000:0000:ffff:255.255.255.255]", "https", NULL,
     "[0000:0000:0000:0000:0000:ffff:255.255.255.255]", NULL, "", NULL, NULL},
    {"https://u@[::1]:8", "https", "u", "[::1]", "8", "", NULL, NULL},
    {"https://xn--bcher-kva.example", "https", NULL, "xn--bcher-kva.example", NULL, "", NULL, NULL},
    {"https://a_b-c~d.example.", "https", NULL, "a_b-c~d.example.", NULL, "", NULL, NULL},
    {"//h/p", NULL, NULL, "h", NULL, "/p", NULL, NULL},
    {"/a/b?c#d", NULL, NULL, NULL, NULL, "/a/b", "c", "d"},
    {"a/b", NULL, NULL, NULL, NULL, "a/b", NULL, NULL},
    {"?q", NULL, NULL, NULL, NULL, "", "q", NULL},
    {"#f", NULL, NULL, NULL, NULL, "", NULL, "f"},
    {"mailto:ada@example.com", "mailto", NULL, NULL, NULL, "ada@example.com", NULL, NULL},
    {"a+b-c.9:x", "a+b-c.9", NULL, NULL, NULL, "x", NULL, NULL},
    {"javascript:alert(1)", "javascript", NULL, NULL, NULL, "alert(1)", NULL, NULL},
    {"1a:x", NULL, NULL, NULL, NULL, "1a:x", NULL, NULL},
    {":x", NULL, NULL, NULL, NULL, ":x", NULL, NULL},
    {"a/b:c", NULL, NULL, NULL, NULL, "a/b:c", NULL, NULL},
    {"https:", "https", NULL, NULL, NULL, "", NULL, NULL},
    {"https:/x", "https", NULL, NULL, NULL, "/x", NULL, NULL},
    {"https", NULL, NULL, NULL, NULL, "https", NULL, NULL},
    {"/", NULL, NULL, NULL, NULL, "/", NULL, NULL},
};

static void check_split(const split *row, idv_slice text) {
  idv_uri parts;
  CHECK(row->text, idv_uri_split(text, &parts));
  CHECK_SLICE(row->text, parts.scheme, row->scheme);
  CHECK_SLICE(row->text, parts.userinfo, row->userinfo);
  CHECK_SLICE(row->text, parts.host, row->host);
  CHECK_SLICE(row->text, parts.port, row->port);
  CHECK_SLICE(row->text, parts.path, row->path);
  CHECK_SLICE(row->text, parts.query, row->query);
  CHECK_SLICE(row->text, parts.fragment, row->fragment);
}

static void splitting(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(splits); i++) {
    for (fenced_side side = FENCED_END; side < FENCED_SIDES; side++) {
      check_split(&splits[i], fenced_at(side, splits[i].text, strlen(splits[i].text)));
    }
  }
}

typedef struct refusal {
  const char *what;
  const char *bytes;
  size_t length;
} refusal;

static const refusal refusals[] = {
    {"a blank", BYTES("https://h/a b")},
    {"a blank in front", BYTES(" https://h/")},
    {"a tab", BYTES("https://h/\t")},
    {"a line end", BYTES("https://h/\r\nHost: evil")},
    {"a NUL", BYTES("https://h/\0")},
    {"a NUL in the scheme", BYTES("ht\0tps://h/")},
    {"DEL", BYTES("https://h/\x7f")},
    {"a backslash", BYTES("https://h\\@evil/")},
    {"a byte above 0x7f in the path", BYTES("https://h/\xc3\xa9")},
    {"a byte above 0x7f in the host", BYTES("https://b\xc3\xbc"
                                            "cher.example/")},
    {"a quote", BYTES("https://h/\"")},
    {"an angle bracket", BYTES("https://h/<x>")},
    {"a brace", BYTES("https://h/{id}")},
    {"a bar", BYTES("https://h/|")},
    {"a caret", BYTES("https://h/^")},
    {"a backtick", BYTES("https://h/`")},
    {"no host", BYTES("https://")},
    {"no host before a path", BYTES("https:///x")},
    {"no host before a port", BYTES("https://:443/")},
    {"no host behind a name", BYTES("https://u@/")},
    {"nothing behind two slashes", BYTES("//")},
    {"two names", BYTES("https://u@evil.example@h/")},
    {"an empty label", BYTES("https://a..b/")},
    {"an empty label at the end", BYTES("https://a../")},
    {"a dot in front", BYTES("https://.a/")},
    {"only a dot", BYTES("https://./")},
    {"an encoded host", BYTES("https://ex%61mple.com/")},
    {"a host with a comma", BYTES("https://a,b/")},
    {"a host with a star", BYTES("https://*.example.com/")},
    {"an empty port", BYTES("https://h:/")},
    {"port 0", BYTES("https://h:0/")},
    {"a port of five zeros", BYTES("https://h:00000/")},
    {"a port too large", BYTES("https://h:65536/")},
    {"a port far too large", BYTES("https://h:4294967376/")},
    {"a port of six digits", BYTES("https://h:000443/")},
    {"a port with a sign", BYTES("https://h:+80/")},
    {"a port with a letter", BYTES("https://h:80a/")},
    {"two ports", BYTES("https://h:80:80/")},
    {"an IPv6 address without brackets", BYTES("https://2001:db8::1/")},
    {"a bracket never closed", BYTES("https://[::1/")},
    {"a bracket never opened", BYTES("https://::1]/")},
    {"something behind the bracket", BYTES("https://[::1]x/")},
    {"a bracket behind the bracket", BYTES("https://[::1]]/")},
    {"nothing in the brackets", BYTES("https://[]/")},
    {"a letter in the brackets", BYTES("https://[::g]/")},
    {"a zone in the brackets", BYTES("https://[fe80::1%25eth0]/")},
    {"only dots in the brackets", BYTES("https://[....]/")},
    {"only colons in the brackets", BYTES("https://[:::::]/")},
    {"nine groups in the brackets", BYTES("https://[1:2:3:4:5:6:7:8:9]/")},
    {"a group too long in the brackets", BYTES("https://[::12345]/")},
    {"IPv4 in the brackets", BYTES("https://[127.0.0.1]/")},
    {"an address of great length in the brackets",
     BYTES("https://[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]/")},
};

static void refusing(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(refusals); i++) {
    for (fenced_side side = FENCED_END; side < FENCED_SIDES; side++) {
      idv_uri parts;
      CHECK(refusals[i].what, !idv_uri_split(fenced_at(side, refusals[i].bytes, refusals[i].length), &parts));
    }
  }
}

static void every_byte_that_may_stand_in_a_path(void **state) {
  (void)state;
  for (int byte = 0; byte < 256; byte++) {
    char text[] = "https://h/x", what[16];
    idv_uri parts;
    snprintf(what, sizeof what, "byte 0x%02x", (unsigned)byte);
    text[sizeof text - 2] = (char)byte;
    bool may = byte > 0x20 && byte < 0x7f && strchr("\"<>\\^`{|}", byte) == NULL;
    CHECK(what, idv_uri_split(fenced_at(FENCED_END, text, sizeof text - 1), &parts) == may);
  }
}

static void an_absent_text_is_an_empty_reference(void **state) {
  (void)state;
  idv_uri parts;
  assert_true(idv_uri_split((idv_slice){.data = NULL}, &parts));
  assert_null(parts.scheme.data);
  assert_null(parts.host.data);
  assert_int_equal(0, parts.path.length);
}

static bool can_split_with_length(size_t length) {
  static char text[IDV_URI_MAX + 2];
  idv_uri parts;
  assert_true(length <= sizeof text);
  memset(text, 'a', length);
  memcpy(text, "https://h/", strlen("https://h/"));
  return idv_uri_split(fenced_at(FENCED_END, text, length), &parts);
}

static void the_longest_address(void **state) {
  (void)state;
  assert_true(can_split_with_length(IDV_URI_MAX));
  assert_false(can_split_with_length(IDV_URI_MAX + 1));
}

static void the_longest_host(void **state) {
  (void)state;
  char text[8 + 256 + 1];
  idv_uri parts;
  memset(text, 'a', sizeof text);
  memcpy(text, "https://", 8);
  assert_true(idv_uri_split(fenced_at(FENCED_END, text, 8 + 255), &parts));
  assert_int_equal(255, parts.host.length);
  assert_false(idv_uri_split(fenced_at(FENCED_END, text, 8 + 256), &parts));
}

/* Puts the parts together again. */
static void append_parts(idv_buffer *out, const idv_uri *parts) {
  const struct {
    const char *before;
    idv_slice part;
    const char *after;
  } pieces[] = {
      {"", parts->scheme, ":"},   {"", parts->userinfo, "@"}, {"", parts->host, ""},
      {":", parts->port, ""},     {"", parts->path, ""},      {"?", parts->query, ""},
      {"#", parts->fragment, ""},
  };
  for (size_t i = 0; i < COUNT_OF(pieces); i++) {
    if (i == 1 && parts->host.data != NULL) {
      idv_buffer_append_text(out, "//");
    }
    if (pieces[i].part.data != NULL) {
      idv_buffer_append_text(out, pieces[i].before);
      idv_buffer_append_slice(out, pieces[i].part);
      idv_buffer_append_text(out, pieces[i].after);
    }
  }
}

static void check_whole(const char *what, idv_slice text) {
  idv_uri parts;
  idv_buffer again;
  idv_buffer_init(&again, 1000);
  if (idv_uri_split(text, &parts)) {
    const idv_slice slices[] = {parts.scheme, parts.userinfo, parts.host,    parts.port,
                                parts.path,   parts.query,    parts.fragment};
    for (size_t i = 0; i < COUNT_OF(slices); i++) {
      CHECK(what, check_lies_within(slices[i], text));
    }
    append_parts(&again, &parts);
    CHECK(what, again.length == text.length);
    CHECK(what, memcmp(idv_buffer_slice(&again).data, text.data, text.length) == 0);
  }
  idv_buffer_free(&again);
}

static void the_parts_of_random_texts_make_the_text_again(void **state) {
  (void)state;
  static const char *const alphabets[] = {"ah:/?#@[]1.%", "a:/", "https://[]@:1?#", NULL};
  uint64_t random = 5;
  char bytes[32], what[COUNT_OF(bytes) + 1];
  for (int i = 0; i < 40000; i++) {
    size_t length = check_random_below(&random, sizeof bytes);
    check_random_bytes(&random, alphabets[i % (int)COUNT_OF(alphabets)], bytes, length);
    snprintf(what, sizeof what, "%.*s", (int)length, bytes);
    check_whole(what, fenced_at(FENCED_END, bytes, length));
  }
}

/* ---- scheme, loopback, origin ---- */

static idv_uri parts_of(const char *text) {
  idv_uri parts;
  CHECK(text, idv_uri_split(fenced(text), &parts));
  return parts;
}

static void having_a_scheme(void **state) {
  (void)state;
  static const struct {
    const char *text, *scheme;
    bool has;
  } rows[] = {
      {"https://h", "https", true}, {"HttpS://h", "https", true}, {"http://h", "https", false},
      {"https://h", "http", false}, {"https:h", "https", false},  {"https:/h", "https", false},
      {"//h", "https", false},      {"/h", "https", false},       {"httpsx://h", "https", false},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    idv_uri parts = parts_of(rows[i].text);
    CHECK(rows[i].text, idv_uri_has_scheme(&parts, rows[i].scheme) == rows[i].has);
  }
}

static void being_this_machine(void **state) {
  (void)state;
  static const struct {
    const char *text;
    bool is_loopback;
  } rows[] = {
      {"http://localhost", true},
      {"http://LocalHost:8080/x", true},
      {"http://127.0.0.1", true},
      {"http://127.0.0.1:80/", true},
      {"http://127.255.255.255", true},
      {"http://127.1.2.3", true},
      {"http://[::1]", true},
      {"http://[::1]:8080", true},
      {"http://u@127.0.0.1", true},
      {"http://localhost.example.com", false},
      {"http://xlocalhost", false},
      {"http://128.0.0.1", false},
      {"http://1270.0.0.1", false},
      {"http://126.0.0.1", false},
      {"http://0.0.0.0", false},
      {"http://10.0.0.1", false},
      {"http://[::2]", false},
      {"http://[::]", false},
      {"http://[2001:db8::1]", false},
      {"http://127.0.0.1.example.com", false},
      {"http://127.example.com", false},
      {"http://127.0.0.x", false},
      {"http://127.0.0.1.5", false},
      {"http://127.0.0.", false},
      {"http://127-0-0-1", false},
      {"http://example.com/127.0.0.1", false},
      {"http://localhost@example.com", false},
      {"http://127.0.0.1@example.com", false},
      {"http:127.0.0.1", false},
      {"/localhost", false},
      /* no addresses but names, which a name server somewhere may know */
      {"http://127.0.0.256", false},
      {"http://127.0.0.999", false},
      {"http://127.300.0.1", false},
      {"http://127.0.0.4294967297", false},
      {"http://127.0.0.099", false},
      {"http://127.00.0.1", false},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    idv_uri parts = parts_of(rows[i].text);
    CHECK(rows[i].text, idv_uri_is_loopback(&parts) == rows[i].is_loopback);
  }
}

static void naming_the_origin(void **state) {
  (void)state;
  static const struct {
    const char *text, *origin;
  } rows[] = {
      {"https://example.com/x?y#z", "https://example.com:443"},
      {"HTTPS://EXAMPLE.com", "https://example.com:443"},
      {"http://example.com", "http://example.com:80"},
      {"HTTP://h", "http://h:80"},
      {"https://example.com:8443/", "https://example.com:8443"},
      {"https://example.com:443/", "https://example.com:443"},
      {"https://user:secret@example.com/", "https://example.com:443"},
      {"http://[2001:DB8::A]/", "http://[2001:db8::a]:80"},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    idv_uri parts = parts_of(rows[i].text);
    idv_buffer out;
    idv_buffer_init(&out, 100);
    CHECK(rows[i].text, idv_uri_append_origin(&parts, &out));
    CHECK_SLICE(rows[i].text, idv_buffer_slice(&out), rows[i].origin);
    idv_buffer_free(&out);
    idv_buffer_init(&out, strlen(rows[i].origin) - 1);
    CHECK(rows[i].text, !idv_uri_append_origin(&parts, &out));
    idv_buffer_free(&out);
  }
}

/* ---- encoding ---- */

static void every_byte_is_encoded_or_unreserved(void **state) {
  (void)state;
  static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  for (int byte = 0; byte < 256; byte++) {
    char c = (char)byte, what[16], expected[4] = {c};
    idv_buffer out;
    idv_buffer_init(&out, 3);
    snprintf(what, sizeof what, "byte 0x%02x", (unsigned)byte);
    if (c == '\0' || strchr(unreserved, c) == NULL) {
      snprintf(expected, sizeof expected, "%%%02X", (unsigned)byte);
    }
    CHECK(what, idv_uri_append_encoded(&out, fenced_at(FENCED_END, &c, 1)));
    CHECK_SLICE(what, idv_buffer_slice(&out), expected);
    idv_buffer_free(&out);
  }
}

typedef struct decoding {
  const char *text;
  const char *plain, *form; /* '+' as itself, '+' as a space */
} decoding;

static const decoding decodings[] = {
    {"", "", ""},
    {"abc", "abc", "abc"},
    {"a%20b", "a b", "a b"},
    {"a+b", "a+b", "a b"},
    {"%2B", "+", "+"},
    {"%2b+", "++", "+ "},
    {"%c3%A9", "\xc3\xa9", "\xc3\xa9"},
    {"%FF", "\xff", "\xff"},
    {"%25", "%", "%"},
    {"%2541", "%41", "%41"},
    {"%", "%", "%"},
    {"%4", "%4", "%4"},
    {"%4g", "%4g", "%4g"},
    {"%g4", "%g4", "%g4"},
    {"%%41", "%A", "%A"},
    {"%4%41", "%4A", "%4A"},
    {"a%", "a%", "a%"},
    {"%zz%41", "%zzA", "%zzA"},
    {"%u0041", "%u0041", "%u0041"},
    {"\x80\xff", "\x80\xff", "\x80\xff"},
};

static void check_decoding(const char *text, bool plus_is_space, const char *expected) {
  for (fenced_side side = FENCED_END; side < FENCED_SIDES; side++) {
    idv_buffer out;
    idv_buffer_init(&out, 100);
    CHECK(text, idv_uri_append_decoded(&out, fenced_at(side, text, strlen(text)), plus_is_space));
    CHECK_SLICE(text, idv_buffer_slice(&out), expected);
    idv_buffer_free(&out);
  }
}

static void decoding_leaves_alone_what_is_no_escape(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(decodings); i++) {
    check_decoding(decodings[i].text, false, decodings[i].plain);
    check_decoding(decodings[i].text, true, decodings[i].form);
  }
}

static void decoding_keeps_a_nul(void **state) {
  (void)state;
  idv_buffer out;
  idv_buffer_init(&out, 100);
  assert_true(idv_uri_append_decoded(&out, fenced("a%00b"), false));
  assert_int_equal(3, out.length);
  assert_memory_equal("a\0b", out.data, 3);
  idv_buffer_free(&out);
}

static void what_was_encoded_is_decoded(void **state) {
  (void)state;
  uint64_t random = 17;
  char bytes[20];
  for (int i = 0; i < 10000; i++) {
    idv_buffer encoded, decoded;
    size_t length = check_random_below(&random, sizeof bytes);
    check_random_bytes(&random, NULL, bytes, length);
    idv_buffer_init(&encoded, 3 * sizeof bytes);
    idv_buffer_init(&decoded, sizeof bytes);
    assert_true(idv_uri_append_encoded(&encoded, fenced_at(FENCED_END, bytes, length)));
    assert_true(idv_uri_append_decoded(&decoded, idv_buffer_slice(&encoded), i % 2 == 0));
    assert_int_equal(length, decoded.length);
    assert_memory_equal(bytes, idv_buffer_slice(&decoded).data, length);
    idv_buffer_free(&encoded);
    idv_buffer_free(&decoded);
  }
}

static void coding_says_when_there_is_no_room(void **state) {
  (void)state;
  idv_buffer out;
  idv_buffer_init(&out, 3);
  assert_false(idv_uri_append_encoded(&out, fenced("a/")));
  assert_int_equal(IDV_BUFFER_TOO_LARGE, out.state);
  idv_buffer_reset(&out);
  assert_false(idv_uri_append_decoded(&out, fenced("%41%42%43%44"), false));
  assert_int_equal(IDV_BUFFER_TOO_LARGE, out.state);
  idv_buffer_free(&out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(splitting),
      cmocka_unit_test(refusing),
      cmocka_unit_test(every_byte_that_may_stand_in_a_path),
      cmocka_unit_test(an_absent_text_is_an_empty_reference),
      cmocka_unit_test(the_longest_address),
      cmocka_unit_test(the_longest_host),
      cmocka_unit_test(the_parts_of_random_texts_make_the_text_again),
      cmocka_unit_test(having_a_scheme),
      cmocka_unit_test(being_this_machine),
      cmocka_unit_test(naming_the_origin),
      cmocka_unit_test(every_byte_is_encoded_or_unreserved),
      cmocka_unit_test(decoding_leaves_alone_what_is_no_escape),
      cmocka_unit_test(decoding_keeps_a_nul),
      cmocka_unit_test(what_was_encoded_is_decoded),
      cmocka_unit_test(coding_says_when_there_is_no_room),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
