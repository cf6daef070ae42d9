# redis-rb: see README.md.
require "redis"

port, _protocol, key = ARGV
client = Redis.new(port: port.to_i)
listener = Redis.new(port: port.to_i)

client.set(key, "value")
puts "get #{client.get(key)}"

listener.psubscribe("__keyspace@0__:#{key}*") do |on|
  on.psubscribe { listener.subscribe("__keyevent@0__:expired") }
  on.subscribe { client.set(key, "value", px: 100) }
  on.pmessage { |_pattern, channel, payload| puts "#{channel} #{payload}" }
  on.message do |channel, payload|
    puts "#{channel} #{payload}"
    exit
  end
end
