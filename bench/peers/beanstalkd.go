package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
)

// beanstalkd has no client of its own; its protocol is lines of text. A worker's delete and its
// next reserve leave in one write, the most that a connection that holds one job can do.
const beanstalkdConnections = 64

type tube struct {
	conn net.Conn
	in   *bufio.Reader
}

func dialTube(address string) *tube {
	conn, err := net.Dial("tcp", address)
	must(err)
	return &tube{conn, bufio.NewReader(conn)}
}

func (t *tube) line(wanted string) string {
	line, err := t.in.ReadString('\n')
	must(err)
	if !strings.HasPrefix(line, wanted) {
		must(fmt.Errorf("wanted %s: %s", wanted, strings.TrimSpace(line)))
	}
	return line
}

func beanstalkdFill(address string, jobs int) {
	const bulk = 1000
	t := dialTube(address)
	for begun := 0; begun < jobs; begun += bulk {
		var words strings.Builder
		n := begun
		for ; n < begun+bulk && n < jobs; n++ {
			body := fmt.Sprint(n % companies)
			fmt.Fprintf(&words, "put 1024 0 60 %d\r\n%s\r\n", len(body), body)
		}
		_, err := io.WriteString(t.conn, words.String())
		must(err)
		for ; n > begun; n-- {
			t.line("INSERTED")
		}
	}
}

func beanstalkdDrain(address string) {
	for n := 0; n < beanstalkdConnections; n++ {
		go func() {
			t := dialTube(address)
			asking := "reserve\r\n"
			for {
				_, err := io.WriteString(t.conn, asking)
				must(err)
				if asking != "reserve\r\n" {
					t.line("DELETED")
					done()
				}
				var id, size int
				_, err = fmt.Sscanf(t.line("RESERVED"), "RESERVED %d %d", &id, &size)
				must(err)
				_, err = t.in.Discard(size + 2)
				must(err)
				asking = fmt.Sprintf("delete %d\r\nreserve\r\n", id)
			}
		}()
	}
}
