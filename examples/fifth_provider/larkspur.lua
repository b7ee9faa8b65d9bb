--- Larkspur, a provider that does not exist: a whole description, to start from. This one file is all that idv needs to
--- speak to it; CONTRIBUTING.md walks through it.

--- What a refusal says of each field.
local function details(body)
  local list = {}
  local fields = type(body.fault) == "table" and body.fault.fields
  for i, entry in ipairs(type(fields) == "table" and fields or {}) do
    list[i] = { field = entry.at, message = entry.why }
  end
  return list
end

local check_id = { name = "id", type = "token", required = true, max = 64, about = "Id of the check" }

local check = {
  record = "session",
  fields = { id = "check_id", url = "link.href", status = "state", external_id = "reference" },
  required = { "status", id = "chk_*" },
}

return {
  name = "larkspur",
  title = "Larkspur",
  source = "examples/fifth_provider/simulator.lua, which is the only Larkspur there is",
  base_url = "https://api.larkspur.example",

  options = {
    access_key = { type = "string", required = true, secret = true, about = "Key of your account" },
    region = { type = "choice", values = { "eu", "us" }, default = "eu", about = "Where data is kept" },
  },

  auth = { { scheme = "bearer", token = "access_key" } },
  headers = { { "Larkspur-Region", "{region}" } },

  statuses = {
    NEW = "created", WAITING = "pending", REVIEW = "processing", PASSED = "approved", FAILED = "declined",
    CANCELLED = "cancelled",
  },

  refusal = { message = { "fault.text" }, code = { "fault.code" }, details = details },
  request_id = { "Larkspur-Request" },

  operations = {
    create_session = {
      about = "Opens a check; nobody is told of it until you send them its URL.",
      source = "Larkspur, Opening a check",
      method = "POST", path = "/v2/checks", safe = false, encoding = "json", success = { 201 },
      parameters = {
        {
          name = "first_name", sends = "given_name", type = "text", required = true, sensitive = true,
          about = "Given name",
        },
        {
          name = "last_name", sends = "family_name", type = "text", required = true, sensitive = true,
          about = "Family name",
        },
        { name = "birth_date", sends = "born", type = "date", sensitive = true, about = "Date of birth" },
        {
          name = "level", type = "enum", values = { "basic", "full" },
          about = "How much is looked at; basic when left out",
        },
        {
          name = "redirect_url", sends = "return_to", type = "https_url", sensitive = true,
          about = "Where the person goes afterwards",
        },
        { name = "external_id", sends = "reference", type = "text", max = 64, about = "Your own reference" },
      },
      answer = check,
    },

    get_session = {
      about = "Reads a check.",
      source = "Larkspur, Reading a check",
      method = "GET", path = "/v2/checks/{id}", safe = true, arguments = { "id" }, parameters = { check_id },
      answer = check,
    },

    list_sessions = {
      about = "Lists checks, the newest first, a page at a time.",
      source = "Larkspur, Listing checks",
      method = "GET", path = "/v2/checks", safe = true,
      parameters = {
        { name = "limit", sends = "per_page", type = "integer", min = 1, max = 100, about = "Checks in a page" },
        { name = "cursor", type = "text", max = 256, about = "The cursor of the page before" },
      },
      answer = {
        record = "session", list = "checks", fields = check.fields, required = check.required,
        frame = { cursor = "cursor" },
      },
    },

    cancel_session = {
      about = "Cancels a check that has no result yet. Cancelling twice is the same as once.",
      source = "Larkspur, Cancelling a check",
      method = "DELETE", path = "/v2/checks/{id}", safe = true, arguments = { "id" }, parameters = { check_id },
      answer = check,
    },
  },

  pages = { each_session = { list = "list_sessions", by = "token", token = "cursor" } },

  redirect = {
    about = "Reads check and result from the person's return.",
    evidence = { { query = { "check", "result" } } },
    read = function(query)
      return { session_id = query.check, status = query.result == "done" and "processing" or "abandoned" }
    end,
  },
}
