package email

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/channels"
)

// reasonBusy is a server that asks to come back: it may be grey-listing.
const reasonBusy = "recipient_busy"

// rule says what a reply means at a stage. The first one that fits counts.
type rule struct {
	stage stage
	// codes are reply codes; one below 10 stands for all that begin with it.
	codes []int
	// enhanced are beginnings of enhanced status codes; empty fits all, "-" none.
	enhanced []string
	outcome  channels.Error
}

func permanent(reason string) channels.Error {
	return channels.Error{Class: channels.Permanent, Reason: reason}
}

func misconfigured(reason string) channels.Error {
	return channels.Error{Class: channels.Misconfigured, Reason: reason}
}

// refusesUs is what a server that does not want us is called, after 3 attempts.
const refusesUs = "server_refuses_us"

// greylisting commonly ends after minutes; earlier attempts only annoy.
const greylisting = time.Minute

// rules are the replies of docs/channels.md#smtp-replies.
var rules = []rule{
	{stage: stageGreeting, codes: []int{5}, outcome: channels.Error{Class: channels.Retry, Reason: refusesUs, Alert: true}},
	{stage: stageHello, codes: []int{5}, outcome: channels.Error{Class: channels.Retry, Reason: refusesUs, Alert: true}},
	{stage: stageTLS, codes: []int{5}, outcome: misconfigured("tls")},
	{stage: stageAuth, codes: []int{5}, outcome: misconfigured("auth")},
	{stage: stageMail, codes: []int{530}, outcome: misconfigured("auth")},
	{stage: stageMail, codes: []int{552}, outcome: permanent("too_large")},
	{stage: stageMail, codes: []int{5}, outcome: misconfigured("sender_rejected")},
	{stage: stageRcpt, codes: []int{421}, outcome: channels.Error{Class: channels.Retry, Reason: "server_busy"}},
	{stage: stageRcpt, codes: []int{4}, outcome: channels.Error{Class: channels.Retry, Reason: reasonBusy, Wait: greylisting}},
	{stage: stageRcpt, codes: []int{530}, outcome: misconfigured("auth")},
	{stage: stageRcpt, codes: []int{5}, enhanced: []string{"5.7."}, outcome: permanent("policy")},
	{stage: stageRcpt, codes: []int{5}, enhanced: []string{"5.2.2"}, outcome: permanent("mailbox_full")},
	{stage: stageRcpt, codes: []int{552}, outcome: permanent("mailbox_full")},
	{stage: stageRcpt, codes: []int{5}, enhanced: []string{"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"}, outcome: permanent("recipient_invalid")},
	{stage: stageRcpt, codes: []int{550, 551, 553}, enhanced: []string{"-"}, outcome: permanent("recipient_invalid")},
	{stage: stageRcpt, codes: []int{5}, outcome: permanent("policy")},
	{stage: stageEnd, codes: []int{5}, enhanced: []string{"5.2.2"}, outcome: permanent("mailbox_full")},
	{stage: stageEnd, codes: []int{552}, outcome: permanent("too_large")},
	{stage: stageEnd, codes: []int{5}, enhanced: []string{"5.3.4", "5.2.3"}, outcome: permanent("too_large")},
	{stage: stageEnd, codes: []int{5}, outcome: permanent("content_rejected")},
	{stage: stageData, codes: []int{5}, outcome: permanent("content_rejected")},
}

// classify says what a failure means. Code 0 is a problem of the transport.
func classify(f *failure, attempt int) *channels.Error {
	reply := f.reply()
	if reply == nil {
		return f.transport()
	}
	enhanced := f.enhanced()
	for _, r := range rules {
		if r.fits(f.stage, reply.Code, enhanced) {
			e := r.outcome
			if e.Reason == refusesUs && attempt >= 3 {
				e = misconfigured(refusesUs)
			}
			return &e
		}
	}
	if f.stage == stageEnd && reply.Code < 400 {
		return &channels.Error{Class: channels.Ambiguous, Reason: "unreadable_answer"}
	}
	return &channels.Error{Class: channels.Retry, Reason: "server_busy"}
}

func (r rule) fits(at stage, code int, enhanced string) bool {
	if r.stage != at {
		return false
	}
	for _, each := range r.codes {
		if code == each || (each < 10 && code/100 == each) {
			return r.fitsEnhanced(enhanced)
		}
	}
	return false
}

func (r rule) fitsEnhanced(enhanced string) bool {
	if len(r.enhanced) == 0 {
		return true
	}
	for _, each := range r.enhanced {
		switch {
		case each == "-" && enhanced == "",
			strings.HasSuffix(each, ".") && strings.HasPrefix(enhanced, each),
			each == enhanced:
			return true
		}
	}
	return false
}

// transport is the outcome of a failure without a reply.
func (f *failure) transport() *channels.Error {
	var timeout net.Error
	slow := errors.Is(f.cause, os.ErrDeadlineExceeded) || (errors.As(f.cause, &timeout) && timeout.Timeout())
	switch {
	case errors.Is(f.cause, errNoTLS):
		return &channels.Error{Class: channels.Misconfigured, Reason: "tls", Message: "The server offers no STARTTLS."}
	case errors.Is(f.cause, errCA):
		return &channels.Error{Class: channels.Misconfigured, Reason: "ca", Message: "The CA holds no certificate."}
	case errors.Is(f.cause, errPlainAuth):
		return &channels.Error{Class: channels.Misconfigured, Reason: "auth", Message: "The password would be sent without encryption."}
	case errors.Is(f.cause, errNoMechanism):
		return &channels.Error{Class: channels.Misconfigured, Reason: "auth", Message: "The server offers none of the wanted ways to sign in."}
	case f.stage == stageEnd && slow:
		return &channels.Error{Class: channels.Ambiguous, Reason: "timeout", Message: "The server did not confirm the message in time."}
	case f.stage == stageEnd:
		return &channels.Error{Class: channels.Ambiguous, Reason: "connection_lost", Message: "The connection ended before the message was confirmed."}
	case slow:
		return &channels.Error{Class: channels.Retry, Reason: "timeout", Message: "The server did not answer in time."}
	case f.stage == stageTLS || isCertificate(f.cause):
		return &channels.Error{Class: channels.Retry, Reason: "tls", Message: "No trusted TLS connection could be made.", Alert: true}
	case f.stage == stageAuth && !isNetwork(f.cause):
		return &channels.Error{Class: channels.Misconfigured, Reason: "auth", Message: "Signing in failed."}
	}
	return &channels.Error{Class: channels.Retry, Reason: "connection_lost", Message: "The connection ended early."}
}

// isNetwork reports whether the connection failed, rather than the mechanism.
func isNetwork(err error) bool {
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errTooMuch) || errors.As(err, &network)
}

func isCertificate(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

var enhancedCode = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

// enhanced returns the enhanced status code of the reply, "" when it has none.
func (f *failure) enhanced() string {
	if reply := f.reply(); reply != nil {
		return enhancedCode.FindString(reply.Msg)
	}
	return ""
}

// code is the reply's code with the enhanced one, "" when there is no reply.
func (f *failure) code() string {
	reply := f.reply()
	if reply == nil {
		return ""
	}
	return strings.TrimSpace(strconv.Itoa(reply.Code) + " " + f.enhanced())
}

// text is what the server said, "" when it said nothing.
func (f *failure) text() string {
	reply := f.reply()
	if reply == nil || f.stage == stageAuth { // some servers repeat the credentials
		return ""
	}
	return reply.Msg
}

// ofConnection reports whether the failure may be one of the connection rather than of the
// message: all before the message was handed over, but for what an enhanced code says of the
// recipient. A bare 550 or 552 may be a limit of the session; what it does to an address lasts.
func (f *failure) ofConnection() bool {
	if f.stage >= stageEnd {
		return false
	}
	enhanced := f.enhanced()
	return f.stage != stageRcpt || !strings.HasPrefix(enhanced, "5.1.") && !strings.HasPrefix(enhanced, "5.2.")
}

// talks reports whether the connection can carry another message: the server
// refused this one and did not say goodbye.
func (f *failure) talks() bool {
	reply := f.reply()
	return reply != nil && reply.Code != 421 && f.stage >= stageMail
}
