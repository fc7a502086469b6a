package notifications

import (
	"context"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/intake"
	"belfry.dev/belfry/store"
)

// SubmissionBody is one notification as it is submitted.
type SubmissionBody struct {
	Type       string                 `json:"type" minLength:"1" maxLength:"64" doc:"The message type's key, such as account.low_balance."`
	Account    string                 `json:"account" minLength:"1" maxLength:"40" doc:"The account that it is about: its id or alias."`
	Variables  map[string]wire.Scalar `json:"variables,omitempty" doc:"The values that the message type declares: texts, numbers or booleans. A number stands in the text as it is written here."`
	Link       string                 `json:"link,omitempty" maxLength:"2048" doc:"Where it leads: an absolute http or https address, or a path of the site."`
	Severity   models.Severity        `json:"severity,omitempty" enum:"info,warning,critical" doc:"The message type's own when left out."`
	ExternalID string                 `json:"external_id,omitempty" maxLength:"128" doc:"Your own id of it: unique among your submissions for as long as they are kept."`
	DedupKey   string                 `json:"dedup_key,omitempty" maxLength:"128" doc:"What equal events have in common: the first one is the notification, and those that follow it within the message type's dedup_window_seconds raise its count and send nothing. Not with schedule_at."`
	ScheduleAt *time.Time             `json:"schedule_at,omitempty" doc:"When it is due, at most a year ahead; at once when left out, or over for less than 30 seconds."`
	ExpiresAt  *time.Time             `json:"expires_at,omitempty" doc:"When it is not worth sending any more. The message type's deadline ends it anyway."`
	TTLSeconds int64                  `json:"ttl_seconds,omitempty" minimum:"1" maximum:"31536000" doc:"The same, counted from when it is due."`
}

type submitIn struct {
	Body SubmissionBody
}

type acceptedView struct {
	ID     string                    `json:"id"`
	Status models.NotificationStatus `json:"status" enum:"scheduled,pending,delivered,partial,failed,cancelled,expired"`
	// Deduplicated is false in answers that were stored before there were dedup keys.
	Deduplicated bool `json:"deduplicated" doc:"An equal event was there before: this is its notification, which counts one more. Nothing was sent."`
}

func viewAccepted(r models.Submitted) acceptedView {
	return acceptedView{ID: r.Notification.ID, Status: r.Notification.Status, Deduplicated: r.Deduplicated}
}

type acceptedOut struct {
	Location string `header:"Location"`
	Body     acceptedView
}

func submit(ctx context.Context, c *operation.Call, in *submitIn) (*acceptedOut, error) {
	by, err := c.Submitter(ctx, c)
	if err != nil {
		return nil, err
	}
	ctx, end := operation.Accepting(ctx, 1)
	defer end("")
	draft, err := draft(ctx, c.Core, by, in.Body, c.Body())
	if err != nil {
		return operation.Earlier[acceptedOut](ctx, c, err)
	}
	var results []models.Submitted
	out, err := operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[acceptedOut], error) {
		results = nil
		submitted, err := tx.Submit(ctx, []models.Acceptance{draft})
		if err != nil {
			return nil, err
		}
		r := submitted[0]
		if r.Refusal != nil {
			return nil, r.Refusal
		}
		results = submitted
		n := r.Notification
		return operation.Did(&acceptedOut{Location: "/v1/notifications/" + n.ID, Body: viewAccepted(r)}, operation.Of("notification", n.ID, n.Type),
			nil, viewNotification(n)), nil
	})
	if err != nil {
		return nil, err
	}
	accepted(c.Core, results)
	return out, nil
}

// accepted counts what was accepted, and has this process's worker look at it.
func accepted(s *operation.Core, results []models.Submitted) {
	var news bool
	for _, r := range results {
		n := r.Notification
		if r.Counted {
			s.Meter.Deduplicated(n)
		}
		if r.Refusal != nil || r.Deduplicated {
			continue
		}
		if r.New {
			s.Meter.Submitted(n, s.Store.Now().Sub(n.CreatedAt))
			news = true
		}
	}
	if news {
		s.Nudge()
	}
}

// draft checks a submission and renders its inbox message. value is the body as
// it was sent. Codes: not-found for an account that does not exist or that the
// product may not address, forbidden for a message type that it may not submit,
// validation-failed with all that is wrong otherwise.
func draft(ctx context.Context, s *operation.Core, by operation.Submitter, body SubmissionBody, value *wire.Value) (models.Acceptance, error) {
	account, err := s.Addressee(ctx, by, body.Account)
	if err != nil {
		return models.Acceptance{}, err
	}
	kind, err := s.Submittable(ctx, by, body.Type)
	if err != nil {
		return models.Acceptance{}, err
	}
	variables := wire.Texts(body.Variables)
	life := intake.Life{ScheduleAt: body.ScheduleAt, ExpiresAt: body.ExpiresAt, TTL: time.Duration(body.TTLSeconds) * time.Second}
	expires, fields := life.End(time.Duration(kind.DeadlineSeconds)*time.Second, s.Now().UTC())
	fields = append(fields, catalog.CheckVariables(kind, variables)...)
	fields = append(fields, catalog.CheckLink(body.Link)...)
	if body.DedupKey != "" && body.ScheduleAt != nil {
		fields = append(fields, models.Field{Pointer: "#/dedup_key", Code: "conflict", Detail: "Say either dedup_key or schedule_at."})
	}
	n := models.Notification{
		AccountID: account.ID, Type: kind.Key, TypeVersion: kind.Version, Category: kind.Category, Severity: kind.Severity,
		Source: by.Source, ProductID: by.Product.ID, Language: account.Language, Variables: variables, Link: body.Link,
		ExternalID: body.ExternalID, DedupKey: body.DedupKey, IdempotencyKey: by.Key, Fingerprint: s.Fingerprints.Of(value),
		ScheduleAt: wire.Micros(body.ScheduleAt), ExpiresAt: expires.UTC().Truncate(time.Microsecond),
	}
	if body.Severity != "" {
		n.Severity = body.Severity
	}
	if len(fields) > 0 {
		return models.Acceptance{Notification: n}, refuse(ctx, s, n, fields)
	}
	text, err := s.Renderer.Render(kind, account.Language, catalog.Input{Variables: variables, Link: n.Link, Severity: n.Severity})
	return models.Acceptance{Notification: n, Inbox: text, DedupWindow: kind.DedupWindow()}, err
}

// refuse returns what is wrong with the submission, or nil when it repeats one that
// was accepted under its external id: what has become wrong since, such as a
// schedule that is over, is no fault of the repeat.
func refuse(ctx context.Context, s *operation.Core, n models.Notification, fields []models.Field) error {
	repeats, err := s.Store.Platform().Submissions().Repeats(ctx, n)
	if err != nil || repeats {
		return err
	}
	return models.InvalidFields(fields)
}
