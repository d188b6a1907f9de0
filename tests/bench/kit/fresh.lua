-- Each request with a query of its own, which the page passes over: nothing kept fits it, as when
-- something has changed in between.
dofile((debug.getinfo(1, "S").source:sub(2):match("^(.*)/") or ".") .. "/result.lua")
local count = 0
request = function()
    count = count + 1
    local mark = wrk.path:find("?", 1, true) and "&" or "?"
    return wrk.format("GET", wrk.path .. mark .. "fresh=" .. count)
end
