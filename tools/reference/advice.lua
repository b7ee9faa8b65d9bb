--- What a program does with an error, by its kind and its outcome: the rows of a table in the reference.
---
--- Every kind has a row for each outcome that it can come with; spec/outcomes_spec.lua brings all of them about and
--- compares.

local all, nothing_done = { "not_sent", "refused", "unknown" }, { "not_sent", "refused" }

local look = "**look first**, then **again later** or **ask a person**"

--- A list of {kinds, outcomes, what to do, why}.
return {
  { { "validation" }, { "not_sent" }, "**ask a person**",
    "`details` names each field: show them beside the fields of your form, or mend the program" },
  { { "unsupported" }, { "not_sent" }, "**elsewhere**",
    "another method, another provider, or another place in the program: the message says which" },
  { { "signature" }, { "not_sent" }, "**ask a person** when it goes on",
    "answer 401 and forget the body; the secret may have been changed" },
  { { "rejected" }, all, "**ask a person**",
    "the same would be refused again: `details`, `code` and `message` say why" },
  { { "auth" }, all, "**ask a person**", "the operator has to look at the credentials" },
  { { "payment" }, all, "**elsewhere**, or **ask a person**", "another provider until the account can pay" },
  { { "not_found" }, all, "**elsewhere**", "the id leads to nothing: forget it, and begin anew if it is needed" },
  { { "conflict" }, all, "**look first**", "`get_session` tells the state, and that what can be done" },
  { { "rate_limited" }, all, "**again later**", "after `retry_after` seconds; a minute where there is none" },
  { { "server" }, nothing_done, "**again later**", "nothing was done; a minute is a good pause" },
  { { "server", "network", "timeout" }, { "unknown" }, "**again later** where `retryable`; else " .. look,
    "a read may be repeated; a creation may have been done: look by `list_sessions`, your reference, the dashboard" },
  { { "network", "timeout" }, { "not_sent" },
    "**again now** where `retryable`, once; then **elsewhere**; else **ask a person**",
    "no connection came up; what is not `retryable`, such as a certificate, stays so until it is mended" },
  { { "network", "timeout" }, { "refused" }, "**again later**", "the provider refused a copy and was not heard after" },
  { { "protocol" }, nothing_done, "**ask a person**", "something in between answers, or the provider has changed" },
  { { "protocol" }, { "unknown" }, "**look first**, then **ask a person**",
    "the request arrived somewhere, and what came back cannot be right" },
  { { "cancelled" }, nothing_done, "**again now**, when it is wanted again",
    "the program gave up, and nothing was done" },
  { { "cancelled" }, { "unknown" }, "**look first**", "the program gave up too late to know" },
  { { "file" }, { "unknown" }, "**again now**, with a path that can be written",
    "the provider did nothing but answer; a full disk is for a person" },
}
