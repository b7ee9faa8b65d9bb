--- The version of idv. The rockspecs, the User-Agent and the command line read it from here.

return "0.1.0"
