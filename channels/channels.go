// Package channels is the contract of everything that leaves Belfry: what a
// channel adapter is given, what it answers, how it describes itself, and the
// one guarded HTTP client that all adapters share. Adapters live in folders of
// their own below it; all of them are listed in channels/all.
package channels

import (
	"context"
	"errors"
	"fmt"
	"time"

	"belfry.dev/belfry/models"
)

// Class is the outcome of one attempt.
type Class string

// Classes. Source: docs/channels.md#outcomes.
const (
	// Delivered: the provider said that the recipient has it.
	Delivered Class = "delivered"
	// Accepted: the provider took it and is responsible for it now.
	Accepted Class = "accepted"
	// Retry: transient, nothing was accepted.
	Retry Class = "retry"
	// RateLimited: refused for frequency; the wait is the whole destination's.
	RateLimited Class = "rate_limited"
	// Permanent: this message to this recipient cannot succeed.
	Permanent Class = "permanent"
	// Misconfigured: a person must repair the destination; it is suspended.
	Misconfigured Class = "misconfigured"
	// Ambiguous: the request went out and the answer is unknown.
	Ambiguous Class = "ambiguous"
	// Unknown is the outcome of an attempt whose worker died; no adapter answers it.
	Unknown Class = "unknown"
)

// Error is why an attempt failed. It is safe to log, to store and to return:
// no part of it holds a URL, an address, a credential or a signature.
type Error struct {
	Class Class
	// Reason is a stable slug: "recipient_invalid", "auth", "timeout", …
	Reason string
	// Code is the provider's own: at most 64 bytes; "" for none.
	Code string
	// Message is the provider's own words, or a sentence of ours: at most
	// 1,024 bytes without control characters. It belongs on the attempt's
	// record only, not into logs.
	Message string
	// Wait is the least time before the next attempt: of the whole destination
	// when the class is rate_limited, of this message when it is retry. Zero when
	// the provider named none.
	Wait time.Duration
	// Alert asks to tell the destination's owner although the message is
	// retried: somebody should look at it.
	Alert bool
}

func (e *Error) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%s: %s", e.Class, e.Reason)
	}
	return fmt.Sprintf("%s: %s (%s)", e.Class, e.Reason, e.Code)
}

// Receipt is the answer to a successful attempt.
type Receipt struct {
	// Class is delivered or accepted.
	Class Class
	// Ref is the provider's id of the message, Code and Message its own words;
	// limits as in Error.
	Ref     string
	Code    string
	Message string
	// Moved are settings of the bot that the provider replaced, by name: where the group is
	// from now on. Nil for none.
	Moved map[string]string
	// Parts are those that the text was sent and paid as; zero where media have none.
	Parts int
	// State is the delivery's: accepted where ReceiptURL will be called; "" for delivered.
	State models.DeliveryState
}

// Message is what an adapter sends to one recipient.
type Message struct {
	// Key is the idempotency key: the same for every attempt and replay of one
	// delivery. It holds letters, digits, "_" and "-" only.
	Key string
	// Attempt counts from 1.
	Attempt int
	// To is the normalised address; "" when the target is a bot.
	To string
	// Typed is the address as the person wrote it, "" where nobody knows: for media whose
	// servers may tell spellings apart that compare as the same.
	Typed          string
	Rendered       models.Rendered
	Type           string
	Category       string
	Severity       models.Severity
	NotificationID string
	// ExternalID is the submitter's own id of the notification; "" for none.
	ExternalID string
	// Resource is what a reminder is about, the first of several; nil for others.
	Resource  *Resource
	AccountID models.AccountID
	CreatedAt time.Time
	// Data are the submitted variables; formats for machines carry them along.
	Data map[string]string
	// Merged are the other notifications that the texts tell of, in their order; nil for
	// none.
	Merged []Merged
	// Parts are the most that a text message may be sent as; zero is the usual three.
	Parts int
	// Optional says that the message is of a type that is optional by nature: bulk mail,
	// which offers to unsubscribe. All others never do.
	Optional bool
	// Unsubscribe is the absolute https URL of the one-click unsubscription of optional
	// messages, ReceiptURL where the provider may say what became of it; "" for none.
	Unsubscribe, ReceiptURL string
}

// Resource is something of a product that expires, as its product knows it.
type Resource struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
	Name       string `json:"name"`
}

// Merged is a notification whose text stands in the message of another.
type Merged struct {
	NotificationID string
	Type           string
	Severity       models.Severity
	Data           map[string]string
}

// Config is one stored row of settings, decrypted.
type Config struct {
	// ID and Version say which settings these are; an adapter may keep
	// connections as long as both stay. An empty ID keeps nothing: settings
	// that are tried before they are saved.
	ID      string
	Version int64
	Settings
}

// Target is where a message goes: through which provider and, for channels that
// write to bots, to which bot.
type Target struct {
	Provider Config
	// Bot is zero for channels that write to addresses.
	Bot Config
}

// Sender is a channel adapter. Send honours the context's deadline and returns
// *Error for every failure. It is safe for concurrent use.
type Sender interface {
	Descriptor() Descriptor
	Send(context.Context, Target, Message) (Receipt, error)
}

// AsError returns what a sender's failure means: the Error in err's chain, or
// ambiguous(unexpected) when there is none. It is nil for nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Class: Ambiguous, Reason: "unexpected"}
}

// UnknownCode is the outcome of a provider's code that the adapter does not
// know: never success, at most 3 attempts in total. Source: docs/channels.md#unknown-codes.
func UnknownCode(attempt int, code, message string) *Error {
	class := Retry
	if attempt >= 3 {
		class = Permanent
	}
	return &Error{Class: class, Reason: "unknown_provider_code", Code: code, Message: message, Alert: true}
}
