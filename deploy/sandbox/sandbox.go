// Package sandbox stands in for the outside world while developing: a mail
// server that catches everything, an SMS provider, a webhook receiver and the chat
// platforms, with pages and JSON that show what was "sent". It is told to misbehave by its
// /api/faults. It belongs on a loopback address: it knows no users.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/sync/errgroup"
)

// Config says where the sandbox listens and keeps what it caught.
type Config struct {
	// Dir keeps one file of JSON lines per medium; it must exist.
	Dir string
	// SMTPAddress and HTTPAddress are "host:port"; port 0 takes a free one.
	SMTPAddress string
	HTTPAddress string
	// WebhookSecret verifies the webhooks' signatures: "whsec_…".
	WebhookSecret string
	Logger        *slog.Logger
	Now           func() time.Time
}

// Sandbox is running until Stop.
type Sandbox struct {
	config   Config
	mails    *book[Mail]
	texts    *book[Text]
	webhooks *book[Webhook]
	chats    *book[Chat]
	faults   *faults
	pages    *template.Template
	smtp     *smtp.Server
	http     *http.Server
	smtpAddr string
	httpAddr string
	running  errgroup.Group
}

// Start reads what was caught before and begins to listen.
func Start(ctx context.Context, c Config) (*Sandbox, error) {
	s := &Sandbox{config: c, faults: newFaults()}
	var errs [5]error
	s.mails, errs[0] = openBook[Mail](filepath.Join(c.Dir, "mail.jsonl"))
	s.texts, errs[1] = openBook[Text](filepath.Join(c.Dir, "sms.jsonl"))
	s.webhooks, errs[2] = openBook[Webhook](filepath.Join(c.Dir, "webhooks.jsonl"))
	s.chats, errs[3] = openBook[Chat](filepath.Join(c.Dir, "chats.jsonl"))
	s.pages, errs[4] = readPages()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, errors.Join(err, s.closeBooks())
	}
	if err := s.listen(ctx); err != nil {
		return nil, errors.Join(err, s.closeBooks())
	}
	return s, nil
}

func (s *Sandbox) listen(ctx context.Context) error {
	var l net.ListenConfig
	mail, err := l.Listen(ctx, "tcp", s.config.SMTPAddress)
	if err != nil {
		return fmt.Errorf("listen for mail: %w", err)
	}
	web, err := l.Listen(ctx, "tcp", s.config.HTTPAddress)
	if err != nil {
		return errors.Join(fmt.Errorf("listen for the sinks: %w", err), mail.Close())
	}
	s.smtpAddr, s.httpAddr = mail.Addr().String(), web.Addr().String()
	s.smtp = s.mailServer()
	s.http = &http.Server{
		Handler:           http.NewCrossOriginProtection().Handler(s.routes()),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(s.config.Logger.Handler(), slog.LevelDebug),
	}
	s.running.Go(func() error { return s.smtp.Serve(mail) })
	s.running.Go(func() error { return s.http.Serve(web) })
	return nil
}

// SMTPAddress returns where mail is caught, "host:port".
func (s *Sandbox) SMTPAddress() string { return s.smtpAddr }

// URL returns the address of the pages and sinks, without a slash at the end.
func (s *Sandbox) URL() string { return "http://" + s.httpAddr }

// SMSURL returns where the SMS sink answers.
func (s *Sandbox) SMSURL() string { return s.URL() + "/sink/sms" }

// WebhookURL returns where the webhook sink answers.
func (s *Sandbox) WebhookURL() string { return s.URL() + "/sink/webhook" }

// Stop ends what listens and waits for it until the context ends.
func (s *Sandbox) Stop(ctx context.Context) error {
	s.faults.release()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	err = errors.Join(err, s.smtp.Close())
	if end := s.running.Wait(); !errors.Is(end, http.ErrServerClosed) && !errors.Is(end, net.ErrClosed) {
		err = errors.Join(err, end)
	}
	return errors.Join(err, s.closeBooks())
}

func (s *Sandbox) closeBooks() error {
	return errors.Join(s.mails.close(), s.texts.close(), s.webhooks.close(), s.chats.close())
}
