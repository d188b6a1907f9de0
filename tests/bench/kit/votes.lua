-- Each request is a new vote: person by person, each time for another idea.
dofile((debug.getinfo(1, "S").source:sub(2):match("^(.*)/") or ".") .. "/result.lua")
local folder, campaign = os.getenv("BENCH_FOLDER"), os.getenv("BENCH_CAMPAIGN")
local tokens, ideas = {}, {}
for line in io.lines(folder .. "/tokens") do tokens[#tokens + 1] = line end
for line in io.lines(folder .. "/ideas") do ideas[#ideas + 1] = line end
local n = tonumber(os.getenv("BENCH_START"))
local body = '{"direction":"up"}'
request = function()
    local person = n % #tokens
    local idea = (math.floor(n / #tokens) + person * 7) % #ideas
    n = n + 1
    return "POST /api/v1/campaigns/" .. campaign .. "/subjects/" .. ideas[idea + 1] ..
        "/vote HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " .. tokens[person + 1] ..
        "\r\nContent-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end
