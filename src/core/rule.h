/*
 * What a text parameter must look like, and the sentence that says so.
 *
 * A rule is a type with limits. Checking it never shows the value: parameters are names, addresses and codes
 * of real people, and the sentence ends up in errors and logs. Every text, whatever its type, must be UTF-8
 * without control characters and the line separators of Unicode.
 */
#ifndef IDV_RULE_H
#define IDV_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flaw.h"
#include "slice.h"

#pragma GCC visibility push(hidden)

/* A text may have any number of characters when its description sets no limit; the request has a ceiling. */
#define IDV_RULE_NO_MAX SIZE_MAX

typedef enum idv_rule_type {
  IDV_RULE_TEXT,
  IDV_RULE_EMAIL,
  IDV_RULE_PHONE,
  IDV_RULE_DIAL_CODE,
  IDV_RULE_NATIONAL_NUMBER,
  IDV_RULE_DATE,
  IDV_RULE_TIME,
  IDV_RULE_COUNTRY,
  IDV_RULE_LANGUAGE,
  IDV_RULE_TOKEN,
  IDV_RULE_URI,
  IDV_RULE_HTTPS_URL,
  IDV_RULE_TYPES /* how many there are */
} idv_rule_type;

typedef struct idv_rule {
  idv_rule_type type;
  size_t min_characters;
  size_t max_characters;
  const char *prefix; /* what the text must begin with, or NULL; not owned */
  const char *whose;  /* the provider whose rule it is, by its name for people, or NULL; not owned */
} idv_rule;

/* Room for the longest sentence, its NUL included. */
#define IDV_RULE_WHY_MAX IDV_FLAW_MAX

/* Finds a type by the name descriptions use ("text", "email", ...). False when there is none. */
bool idv_rule_type_named(const char *name, idv_rule_type *type);

/* What a right value is, to follow "must be": "an e-mail address such as ada@example.com". Static. */
const char *idv_rule_expectation(idv_rule_type type);

/*
 * Whether `text` obeys the rule. When not, `why` says what is wrong and what is right, to follow the name of
 * the field: "has 300 characters; deepIDV takes at most 255".
 */
bool idv_rule_check(const idv_rule *rule, idv_slice text, char why[IDV_RULE_WHY_MAX]);

#pragma GCC visibility pop

#endif
