package main

import (
	"context"
	"strconv"
	"sync"

	"github.com/hibiken/asynq"
)

// One fetching loop a server: several of them keep Redis busy where one would wait for each answer.
const (
	asynqServers     = 8
	asynqConcurrency = 16
)

func asynqFill(address string, jobs int) {
	client := asynq.NewClient(asynq.RedisClientOpt{Addr: address})
	defer client.Close()
	var filling sync.WaitGroup
	for part := 0; part < companies; part++ {
		filling.Add(1)
		go func(company int) {
			defer filling.Done()
			for n := company; n < jobs; n += companies {
				_, err := client.Enqueue(asynq.NewTask("nothing", []byte(strconv.Itoa(company))))
				must(err)
			}
		}(part)
	}
	filling.Wait()
}

func asynqDrain(address string) {
	for n := 0; n < asynqServers; n++ {
		server := asynq.NewServer(asynq.RedisClientOpt{Addr: address},
			asynq.Config{Concurrency: asynqConcurrency, LogLevel: asynq.ErrorLevel})
		must(server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
			done()
			return nil
		})))
	}
}
