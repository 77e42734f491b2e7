-- A new attempt of a running turn that does not count as a failure. ARGV: 5 turn.
redis.call('HINCRBY', TRIES, ARGV[5] .. ':free', 1)
return redis.call('HINCRBY', TRIES, ARGV[5] .. ':n', 1)
