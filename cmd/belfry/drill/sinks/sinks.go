// Package sinks plays the providers of a drill: a mail server, an SMS provider and
// receivers of webhooks that write down what they took. In a storm they refuse,
// limit, hang, lie and break off, each in moods of some seconds.
package sinks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/sync/errgroup"

	"belfry.dev/belfry/cmd/belfry/drill/ledger"
)

// Channels, as the API spells them.
const (
	email   = "email"
	sms     = "sms"
	webhook = "webhook"
)

// Sinks are listening until Close.
type Sinks struct {
	weather *weather
	smtp    *smtp.Server
	http    *http.Server
	mail    string
	web     string
	running errgroup.Group
	now     func() time.Time

	mu     sync.Mutex
	owners map[string]string
	copies []ledger.Copy
}

// Start begins to listen on free ports of this machine. The seed decides the moods.
func Start(ctx context.Context, seed uint64, now func() time.Time) (*Sinks, error) {
	s := &Sinks{weather: newWeather(seed, now), now: now, owners: map[string]string{}}
	var l net.ListenConfig
	mail, err := l.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for mail: %w", err)
	}
	web, err := l.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for the sinks: %w", err), mail.Close())
	}
	s.mail, s.web = mail.Addr().String(), web.Addr().String()
	s.smtp = s.mailServer()
	silent := slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	s.smtp.ErrorLog = silent
	s.http = &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: silent}
	s.running.Go(func() error { return s.smtp.Serve(mail) })
	s.running.Go(func() error { return s.http.Serve(web) })
	return s, nil
}

// MailAddress is where the mail server listens.
func (s *Sinks) MailAddress() string { return s.mail }

// WebAddress is where the SMS provider and the endpoints listen.
func (s *Sinks) WebAddress() string { return s.web }

// SMSURL is where the SMS provider takes messages. A code of its answers is one of
// Outcomes, or 0.
func (s *Sinks) SMSURL() string { return "http://" + s.web + "/sms" }

// WebhookURL is the endpoint of the named receiver.
func (s *Sinks) WebhookURL(name string) string { return "http://" + s.web + "/webhook/" + name }

// Own says which account (its id) a mail address, phone number or receiver belongs to.
func (s *Sinks) Own(name, account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owners[name] = account
}

// Storm makes the sinks misbehave from now on, or behave again; what hangs then
// goes on.
func (s *Sinks) Storm(on bool) { s.weather.storm(on) }

// Misdeeds counts what the sinks did, by mood.
func (s *Sinks) Misdeeds() map[string]int { return s.weather.misdeeds() }

// Copies returns what was taken so far.
func (s *Sinks) Copies() []ledger.Copy {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]ledger.Copy(nil), s.copies...)
}

// keep writes a message down.
func (s *Sinks) keep(channel, key, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.copies = append(s.copies, ledger.Copy{Channel: channel, Key: key, Account: s.owners[name], At: s.now()})
}

// Close ends what listens and waits for it.
func (s *Sinks) Close() error {
	s.weather.storm(false)
	err := errors.Join(s.http.Close(), s.smtp.Close())
	if end := s.running.Wait(); !errors.Is(end, http.ErrServerClosed) && !errors.Is(end, net.ErrClosed) {
		err = errors.Join(err, end)
	}
	return err
}
