# sidekiq.rb - no-op jobs on Sidekiq: `ruby sidekiq.rb JOBS` fills the queue, `sidekiq -r sidekiq.rb` drains it;
# REDIS_URL names the Redis. A job leaves Redis when it is fetched, as this queue does by default.
require 'sidekiq'

class Nothing
  include Sidekiq::Worker
  sidekiq_options queue: 'bench'

  LOCK = Mutex.new
  @count = 0

  class << self
    # Says, each time it changed: COUNT FIRST-START LAST-END, in ms.
    def tally
      Thread.new do
        said = 0
        loop do
          sleep 0.1
          LOCK.synchronize do
            puts "#{@count} #{@first} #{@last}" if @count != said
            said = @count
          end
          $stdout.flush
        end
      end
    end

    def done
      LOCK.synchronize do
        now = (Time.now.to_f * 1000).to_i
        @first ||= now
        @last = now
        @count += 1
      end
    end
  end

  def perform(_company)
    Nothing.done
  end
end

Sidekiq.configure_server { |config| config.on(:startup) { Nothing.tally } }
Sidekiq.logger.level = Logger::WARN

if $PROGRAM_NAME == __FILE__
  Integer(ARGV[0]).times.each_slice(1000) do |numbers|
    Sidekiq::Client.push_bulk('class' => Nothing, 'args' => numbers.map { |n| [n % 500] })
  end
end
