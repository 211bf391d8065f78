-- For wrk: posts bodies that a file holds, one per line. MODE=once: each once, then it says how long that took;
-- MODE=again: round and round. Requests are made beforehand, so that the generator costs little of the cores it shares.
local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds; long micros; } instant; int gettimeofday(instant *now, void *zone);")

local function now()
    local instant = ffi.new("instant")
    ffi.C.gettimeofday(instant, nil)
    return tonumber(instant.seconds) + tonumber(instant.micros) / 1e6
end

local requests, idle, last, asked, began = {}, nil, 0, false, nil
local once = os.getenv("MODE") == "once"

function init()
    idle = wrk.format("GET", "/-/ready")
    local headers = { ["Content-Type"] = "application/json" }
    for body in io.lines(os.getenv("BODIES")) do
        requests[#requests + 1] = wrk.format("POST", nil, headers, body)
    end
end

function request()
    -- wrk asks once before it begins, to see what the script does
    if not asked then
        asked = true
        return requests[1]
    end
    began = began or now()
    last = last + 1
    if last <= #requests then
        return requests[last]
    end
    if once then
        -- what is under way still has to arrive: whoever started this ends it a moment later
        if last == #requests + 1 then
            io.write(string.format("posted %d in %.6f s\n", #requests * 64, now() - began))
            io.flush()
        end
        return idle
    end
    last = 1
    return requests[last]
end
