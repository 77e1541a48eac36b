// Clients of the peers whose own language is Go, or that have none: no-op jobs, filled and drained.
//
//	peers-go asynq|beanstalkd|jetstream fill|drain HOST:PORT JOBS
//
// A drain runs until it is killed and says, each time it changed: COUNT FIRST-START LAST-END, in ms.
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

const companies = 500

var count, first, last int64

func done() {
	now := time.Now().UnixMilli()
	atomic.CompareAndSwapInt64(&first, 0, now)
	atomic.StoreInt64(&last, now)
	atomic.AddInt64(&count, 1)
}

func tally() {
	for said := int64(0); ; time.Sleep(100 * time.Millisecond) {
		if now := atomic.LoadInt64(&count); now != said {
			said = now
			fmt.Println(said, atomic.LoadInt64(&first), atomic.LoadInt64(&last))
		}
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers-go:", err)
		os.Exit(1)
	}
}

type peer struct {
	fill  func(address string, jobs int)
	drain func(address string)
}

var peers = map[string]peer{
	"asynq":      {asynqFill, asynqDrain},
	"beanstalkd": {beanstalkdFill, beanstalkdDrain},
	"jetstream":  {jetstreamFill, jetstreamDrain},
}

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: peers-go asynq|beanstalkd|jetstream fill|drain HOST:PORT JOBS")
		os.Exit(2)
	}
	chosen, known := peers[os.Args[1]]
	jobs, err := strconv.Atoi(os.Args[4])
	must(err)
	if !known {
		must(fmt.Errorf("no peer %q", os.Args[1]))
	}
	if os.Args[2] == "fill" {
		chosen.fill(os.Args[3], jobs)
		return
	}
	go chosen.drain(os.Args[3])
	tally()
}
