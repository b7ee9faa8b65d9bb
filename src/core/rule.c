#include "rule.h"

#include <stdio.h>
#include <string.h>

#include "ascii.h"
#include "utf8.h"

typedef struct type_entry {
  const char *name;
  idv_find_flaw *find_flaw; /* NULL: any text */
  const char *expectation;
} type_entry;

static const type_entry types[IDV_RULE_TYPES] = {
    [IDV_RULE_TEXT] = {"text", NULL, "text"},
    [IDV_RULE_EMAIL] = {"email", idv_flaw_email, "an e-mail address such as ada@example.com"},
    [IDV_RULE_PHONE] = {"phone", idv_flaw_phone, "a phone number in E.164 form such as +15192223333"},
    [IDV_RULE_DIAL_CODE] = {"dial_code", idv_flaw_dial_code, "a dialling prefix such as +44"},
    [IDV_RULE_NATIONAL_NUMBER] = {"national_number", idv_flaw_national_number,
                                  "1 to 14 digits, without the dialling prefix"},
    [IDV_RULE_DATE] = {"date", idv_flaw_date, "a date written YYYY-MM-DD"},
    [IDV_RULE_TIME] = {"time", idv_flaw_time,
                       "an ISO 8601 date or time: 2026-01-05, 2026-W02-1, 20260105T0900Z, or such as "
                       "2026-01-05T09:00:00.5+01:00"},
    [IDV_RULE_COUNTRY] = {"country", idv_flaw_country, "a two-letter country code such as FR"},
    [IDV_RULE_LANGUAGE] = {"language", idv_flaw_language, "a language tag such as en-US"},
    [IDV_RULE_TOKEN] = {"token", idv_flaw_token, "an id made of letters, digits and - . _ ~"},
    [IDV_RULE_URI] = {"uri", idv_flaw_uri, "an absolute address such as https://example.com/back"},
    [IDV_RULE_HTTPS_URL] = {"https_url", idv_flaw_https_url,
                            "an https address such as https://example.com/back"},
};

bool idv_rule_type_named(const char *name, idv_rule_type *type) {
  for (int i = 0; i < IDV_RULE_TYPES; i++) {
    if (strcmp(types[i].name, name) == 0) {
      *type = (idv_rule_type)i;
      return true;
    }
  }
  return false;
}

const char *idv_rule_expectation(idv_rule_type type) {
  return types[type].expectation;
}

/*
 * Whether a character begins at byte `i` that ends a line or steers a terminal: the controls of ASCII, those
 * from U+0080 to U+009F, and the separators U+2028 and U+2029. The text is UTF-8.
 */
static bool is_control(idv_slice text, size_t i) {
  const unsigned char *at = (const unsigned char *)text.data + i;
  if (idv_ascii_is_control(text.data[i])) {
    return true;
  }
  bool is_c1 = at[0] == 0xc2 && at[1] < 0xa0;
  return is_c1 || (at[0] == 0xe2 && at[1] == 0x80 && (at[2] == 0xa8 || at[2] == 0xa9));
}

/* Text that a header, a line of a log or a form can not be broken with. */
static bool check_bytes(idv_slice text, size_t *characters, char *why) {
  if (idv_ascii_is_printable(text.data, text.length)) {
    *characters = text.length;
    return true;
  }
  idv_utf8_count count = idv_utf8_measure(text);
  if (count.valid_bytes < text.length) {
    snprintf(why, IDV_RULE_WHY_MAX, "is not valid UTF-8 (byte %zu)", count.valid_bytes + 1);
    return false;
  }
  for (size_t i = 0; i < text.length; i++) {
    bool is_visible_ascii = text.data[i] >= ' ' && text.data[i] <= '~';
    if (!is_visible_ascii && is_control(text, i)) {
      snprintf(why, IDV_RULE_WHY_MAX, "holds a control character (byte %zu); only plain text is allowed",
               i + 1);
      return false;
    }
  }
  *characters = count.characters;
  return true;
}

static const char *whose(const idv_rule *rule) {
  return rule->whose != NULL ? rule->whose : "the provider";
}

static bool check_length(const idv_rule *rule, idv_slice text, size_t characters, char *why) {
  if (idv_utf8_is_blank(text)) {
    snprintf(why, IDV_RULE_WHY_MAX, "is empty; must be %s", types[rule->type].expectation);
  } else if (characters < rule->min_characters) {
    snprintf(why, IDV_RULE_WHY_MAX, "has %zu character%s; %s takes at least %zu", characters,
             characters == 1 ? "" : "s", whose(rule), rule->min_characters);
  } else if (characters > rule->max_characters) {
    snprintf(why, IDV_RULE_WHY_MAX, "has %zu characters; %s takes at most %zu", characters, whose(rule),
             rule->max_characters);
  } else {
    return true;
  }
  return false;
}

static bool begins_with(idv_slice text, const char *prefix) {
  size_t length = strlen(prefix);
  return text.length > length && memcmp(text.data, prefix, length) == 0;
}

static bool check_shape(const idv_rule *rule, idv_slice text, char *why) {
  const type_entry *type = &types[rule->type];
  const idv_expected expected = {.what = type->expectation, .whose = whose(rule)};
  if (rule->prefix != NULL && !begins_with(text, rule->prefix)) {
    if (!idv_flaw_outside(text, &expected, why)) {
      snprintf(why, IDV_RULE_WHY_MAX, "must be an id that begins with %s", rule->prefix);
    }
    return false;
  }
  return type->find_flaw == NULL || !type->find_flaw(text, &expected, why);
}

bool idv_rule_check(const idv_rule *rule, idv_slice text, char why[IDV_RULE_WHY_MAX]) {
  size_t characters = 0;
  return check_bytes(text, &characters, why) && check_length(rule, text, characters, why) &&
         check_shape(rule, text, why);
}
