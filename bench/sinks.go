//go:build bench

package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// sinks take what is sent and keep nothing but the time of each webhook.
type sinks struct {
	mailAddress, hookURL, hookPort string

	mail *smtp.Server
	hook *http.Server
	// slow holds webhooks to /slow until it is closed.
	slow chan struct{}

	mu    sync.Mutex
	watch func(at time.Time, body []byte)
}

func startSinks(ctx context.Context) (*sinks, error) {
	s := &sinks{slow: make(chan struct{})}
	var l net.ListenConfig
	mail, err := l.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	web, err := l.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, mail.Close())
	}
	s.mailAddress, s.hookURL = mail.Addr().String(), "http://"+web.Addr().String()+"/hook"
	_, s.hookPort, _ = net.SplitHostPort(web.Addr().String()) // an address of a listener has a port
	s.mail = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return mailbox{}, nil }))
	s.mail.Domain, s.mail.MaxMessageBytes = "sink.localhost", 10<<20
	mux := http.NewServeMux()
	mux.HandleFunc("/hook", s.take)
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-s.slow:
		case <-r.Context().Done():
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	s.hook = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.mail.Serve(mail) }() // ends with stop
	go func() { _ = s.hook.Serve(web) }()  // ends with stop
	return s, nil
}

func (s *sinks) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	at := time.Now()
	s.mu.Lock()
	if s.watch != nil {
		s.watch(at, body)
	}
	s.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// observe calls fn for every webhook from now on, one after the other.
func (s *sinks) observe(fn func(at time.Time, body []byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = fn
}

func (s *sinks) stop(ctx context.Context) error {
	select {
	case <-s.slow:
	default:
		close(s.slow)
	}
	return errors.Join(s.hook.Shutdown(ctx), s.mail.Close())
}

// mailbox swallows mail.
type mailbox struct{}

func (mailbox) Reset()                               {}
func (mailbox) Logout() error                        { return nil }
func (mailbox) Mail(string, *smtp.MailOptions) error { return nil }
func (mailbox) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (mailbox) Data(r io.Reader) error               { _, err := io.Copy(io.Discard, r); return err }
