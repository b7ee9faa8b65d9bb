/*
 * ip.c: which texts are addresses, how far each reaches, and those of IPv4 that others carry.
 */
#include "ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "check.h"

typedef struct row {
  const char *text;
  idv_reach reach;
} row;

static const row rows[] = {
    {"8.8.8.8", IDV_REACH_PUBLIC},
    {"1.0.0.0", IDV_REACH_PUBLIC},
    {"9.255.255.255", IDV_REACH_PUBLIC},
    {"11.0.0.0", IDV_REACH_PUBLIC},
    {"52.218.0.1", IDV_REACH_PUBLIC},
    {"100.63.255.255", IDV_REACH_PUBLIC},
    {"100.128.0.0", IDV_REACH_PUBLIC},
    {"126.255.255.255", IDV_REACH_PUBLIC},
    {"128.0.0.1", IDV_REACH_PUBLIC},
    {"169.253.255.255", IDV_REACH_PUBLIC},
    {"169.255.0.0", IDV_REACH_PUBLIC},
    {"172.15.255.255", IDV_REACH_PUBLIC},
    {"172.32.0.0", IDV_REACH_PUBLIC},
    {"192.0.1.0", IDV_REACH_PUBLIC},
    {"192.167.255.255", IDV_REACH_PUBLIC},
    {"192.169.0.0", IDV_REACH_PUBLIC},
    {"198.17.255.255", IDV_REACH_PUBLIC},
    {"198.20.0.0", IDV_REACH_PUBLIC},
    {"223.255.255.255", IDV_REACH_PUBLIC},
    {"0.0.0.0", IDV_REACH_UNSPECIFIED},
    {"0.0.0.1", IDV_REACH_RESERVED},
    {"10.0.0.0", IDV_REACH_PRIVATE},
    {"10.255.255.255", IDV_REACH_PRIVATE},
    {"100.64.0.0", IDV_REACH_PRIVATE},
    {"100.127.255.255", IDV_REACH_PRIVATE},
    {"127.0.0.0", IDV_REACH_LOOPBACK},
    {"127.255.255.255", IDV_REACH_LOOPBACK},
    {"169.254.169.254", IDV_REACH_LINK_LOCAL},
    {"172.16.0.0", IDV_REACH_PRIVATE},
    {"172.31.255.255", IDV_REACH_PRIVATE},
    {"192.0.0.8", IDV_REACH_RESERVED},
    {"192.0.2.1", IDV_REACH_RESERVED},
    {"192.88.99.1", IDV_REACH_RESERVED},
    {"192.168.0.0", IDV_REACH_PRIVATE},
    {"192.168.255.255", IDV_REACH_PRIVATE},
    {"198.18.0.0", IDV_REACH_PRIVATE},
    {"198.19.255.255", IDV_REACH_PRIVATE},
    {"198.51.100.7", IDV_REACH_RESERVED},
    {"203.0.113.7", IDV_REACH_RESERVED},
    {"224.0.0.0", IDV_REACH_MULTICAST},
    {"239.255.255.255", IDV_REACH_MULTICAST},
    {"240.0.0.0", IDV_REACH_RESERVED},
    {"255.255.255.255", IDV_REACH_RESERVED},
    {"2a00:1450:4001::200e", IDV_REACH_PUBLIC},
    {"2001:200::1", IDV_REACH_PUBLIC},
    {"2600::", IDV_REACH_PUBLIC},
    {"3fff:1000::1", IDV_REACH_PUBLIC},
    {"::", IDV_REACH_UNSPECIFIED},
    {"::1", IDV_REACH_LOOPBACK},
    {"::2", IDV_REACH_RESERVED}, /* 0.0.0.2 */
    {"fc00::1", IDV_REACH_PRIVATE},
    {"fdff:ffff::1", IDV_REACH_PRIVATE},
    {"fe80::1", IDV_REACH_LINK_LOCAL},
    {"febf:ffff::1", IDV_REACH_LINK_LOCAL},
    {"fec0::1", IDV_REACH_PRIVATE},
    {"ff02::1", IDV_REACH_MULTICAST},
    {"100::1", IDV_REACH_RESERVED},
    {"2001::1", IDV_REACH_RESERVED},
    {"2001:1ff::1", IDV_REACH_RESERVED},
    {"2001:db8::1", IDV_REACH_RESERVED},
    {"3fff:fff::1", IDV_REACH_RESERVED},
    {"4000::1", IDV_REACH_RESERVED},
    {"5f00::1", IDV_REACH_RESERVED},
    {"::ffff:127.0.0.1", IDV_REACH_LOOPBACK},
    {"::ffff:10.1.2.3", IDV_REACH_PRIVATE},
    {"::ffff:a9fe:a9fe", IDV_REACH_LINK_LOCAL},
    {"::ffff:8.8.8.8", IDV_REACH_PUBLIC},
    {"::127.0.0.1", IDV_REACH_LOOPBACK},
    {"::192.168.1.1", IDV_REACH_PRIVATE},
    {"64:ff9b::10.0.0.1", IDV_REACH_PRIVATE},
    {"64:ff9b::169.254.169.254", IDV_REACH_LINK_LOCAL},
    {"64:ff9b::8.8.8.8", IDV_REACH_PUBLIC},
    {"64:ff9b:1::8.8.8.8", IDV_REACH_PRIVATE},
    {"64:ff9b:0:1::8.8.8.8", IDV_REACH_RESERVED},
    {"2002:7f00:1::1", IDV_REACH_LOOPBACK},
    {"2002:c0a8:101::1", IDV_REACH_PRIVATE},
    {"2002:a9fe:a9fe::", IDV_REACH_LINK_LOCAL},
    {"2002:808:808::1", IDV_REACH_PUBLIC},
    {"2a00:1450::5efe:10.0.0.1", IDV_REACH_PRIVATE},
    {"2a00:1450::200:5efe:127.0.0.1", IDV_REACH_LOOPBACK},
};

static void how_far_each_reaches(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    idv_ip ip;
    CHECK(rows[i].text, idv_ip_read(idv_slice_of(rows[i].text), &ip));
    CHECK(rows[i].text, idv_ip_reach(&ip) == rows[i].reach);
  }
}

static void brackets_are_read(void **state) {
  (void)state;
  idv_ip ip;
  assert_true(idv_ip_read(idv_slice_of("[::1]"), &ip));
  assert_int_equal(IDV_REACH_LOOPBACK, idv_ip_reach(&ip));
}

static void other_texts_are_no_addresses(void **state) {
  (void)state;
  static const char *const texts[] = {"",         "1",         "127.1",        "127.0.0.256", "[127.0.0.1]",
                                      "[::1",     "::1]",      "[]",           "localhost",   "1.2.3.4 ",
                                      "01.2.3.4", "1.2.3.4.5", "fe80::1%eth0", ":::",         "0x7f.0.0.1"};
  for (size_t i = 0; i < COUNT_OF(texts); i++) {
    idv_ip ip;
    CHECK(texts[i], !idv_ip_read(idv_slice_of(texts[i]), &ip));
  }
}

/* What getaddrinfo, and libcurl before it, take for this machine or for metadata of a cloud. */
static void hosts_that_resolvers_take_for_addresses(void **state) {
  (void)state;
  static const row hosts[] = {
      {"127.1", IDV_REACH_LOOPBACK},
      {"2130706433", IDV_REACH_LOOPBACK},
      {"0x7f.1", IDV_REACH_LOOPBACK},
      {"0x7f000001", IDV_REACH_LOOPBACK},
      {"0177.0.0.1", IDV_REACH_LOOPBACK},
      {"017700000001", IDV_REACH_LOOPBACK},
      {"127.0.0.1.", IDV_REACH_LOOPBACK},
      {"localhost", IDV_REACH_LOOPBACK},
      {"LOCALHOST.", IDV_REACH_LOOPBACK},
      {"a.b.localhost", IDV_REACH_LOOPBACK},
      {"0xa9fea9fe", IDV_REACH_LINK_LOCAL},
      {"169.254.43518", IDV_REACH_LINK_LOCAL},
      {"0", IDV_REACH_UNSPECIFIED},
      {"10.1", IDV_REACH_PRIVATE},
      {"[::ffff:10.0.0.1]", IDV_REACH_PRIVATE},
      {"8.8.8.8", IDV_REACH_PUBLIC},
  };
  for (size_t i = 0; i < COUNT_OF(hosts); i++) {
    idv_ip ip;
    CHECK(hosts[i].text, idv_ip_read_host(idv_slice_of(hosts[i].text), &ip));
    CHECK(hosts[i].text, idv_ip_reach(&ip) == hosts[i].reach);
  }
}

static void names_are_no_addresses(void **state) {
  (void)state;
  static const char *const names[] = {
      "",   ".",   "example.com", "notlocalhost",   "localhost.example", "1.2.3.4.com",
      "x1", "0xg", "a.1.2.3.4x",  "10.0.0.1.nip.io"};
  for (size_t i = 0; i < COUNT_OF(names); i++) {
    idv_ip ip;
    CHECK(names[i], !idv_ip_read_host(idv_slice_of(names[i]), &ip));
  }
}

static void sockets_of_both_families_are_read(void **state) {
  (void)state;
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a000001)};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  struct sockaddr local = {.sa_family = AF_UNIX};
  idv_ip ip;
  assert_true(idv_ip_of_socket((struct sockaddr *)&four, &ip));
  assert_int_equal(IDV_REACH_PRIVATE, idv_ip_reach(&ip));
  assert_true(idv_ip_of_socket((struct sockaddr *)&six, &ip));
  assert_int_equal(IDV_REACH_LOOPBACK, idv_ip_reach(&ip));
  assert_false(idv_ip_of_socket(&local, &ip));
}

static void what_could_not_be_read_is_not_public(void **state) {
  (void)state;
  idv_ip nothing = {.length = 0};
  assert_int_not_equal(IDV_REACH_PUBLIC, idv_ip_reach(&nothing));
}

static void prefixes(void **state) {
  (void)state;
  idv_ip a, b, six;
  idv_ip_read(idv_slice_of("10.1.2.3"), &a);
  idv_ip_read(idv_slice_of("10.1.130.3"), &b);
  idv_ip_read(idv_slice_of("::"), &six);
  assert_true(idv_ip_share_prefix(&a, &b, 0));
  assert_true(idv_ip_share_prefix(&a, &b, 16));
  assert_false(idv_ip_share_prefix(&a, &b, 17));
  assert_true(idv_ip_share_prefix(&a, &a, 32));
  assert_false(idv_ip_share_prefix(&a, &a, 33));
  assert_false(idv_ip_share_prefix(&a, &six, 0));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(how_far_each_reaches),
      cmocka_unit_test(brackets_are_read),
      cmocka_unit_test(other_texts_are_no_addresses),
      cmocka_unit_test(hosts_that_resolvers_take_for_addresses),
      cmocka_unit_test(names_are_no_addresses),
      cmocka_unit_test(sockets_of_both_families_are_read),
      cmocka_unit_test(what_could_not_be_read_is_not_public),
      cmocka_unit_test(prefixes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
