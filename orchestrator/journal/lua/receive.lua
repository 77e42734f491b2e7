-- How far one side has got. ARGV: 5 reader, 6 delivered, 7 read, 8 the stream that says so.
if redis.call('EXISTS', HEAD) == 0 then return {'missing'} end
if not receive(ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]) then return {'known'} end
return {'risen'}
