package main

import (
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	jetstreamFetch   = 256
	jetstreamWorkers = 8
)

func jetstreamOpen(address string) nats.JetStreamContext {
	conn, err := nats.Connect("nats://" + address)
	must(err)
	stream, err := conn.JetStream(nats.PublishAsyncMaxPending(4096))
	must(err)
	return stream
}

// A work queue on disk: a message is removed when it is acknowledged.
func jetstreamFill(address string, jobs int) {
	stream := jetstreamOpen(address)
	_, err := stream.AddStream(&nats.StreamConfig{Name: "BENCH", Subjects: []string{"bench"},
		Storage: nats.FileStorage, Retention: nats.WorkQueuePolicy})
	must(err)
	_, err = stream.AddConsumer("BENCH", &nats.ConsumerConfig{Durable: "workers",
		AckPolicy: nats.AckExplicitPolicy, MaxAckPending: 2 * jetstreamFetch * jetstreamWorkers})
	must(err)
	for n := 0; n < jobs; n++ {
		_, err := stream.PublishAsync("bench", []byte(strconv.Itoa(n%companies)))
		must(err)
	}
	<-stream.PublishAsyncComplete()
}

func jetstreamDrain(address string) {
	for n := 0; n < jetstreamWorkers; n++ {
		go func() {
			subscribed, err := jetstreamOpen(address).PullSubscribe("bench", "workers", nats.Bind("BENCH", "workers"))
			must(err)
			for {
				messages, err := subscribed.Fetch(jetstreamFetch, nats.MaxWait(time.Second))
				if err != nil && err != nats.ErrTimeout {
					must(err)
				}
				for _, message := range messages {
					must(message.Ack())
					done()
				}
			}
		}()
	}
}
