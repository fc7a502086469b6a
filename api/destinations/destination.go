package destinations

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
)

// SettingsBody is what a provider or a bot is configured with, in part or whole;
// bodies embed it.
type SettingsBody struct {
	Settings map[string]wire.Scalar   `json:"settings,omitempty" doc:"By name, as GET /v1/channels lists the fields. An empty text removes a value; what is left out stays."`
	Secrets  map[string]wire.FreeText `json:"secrets,omitempty" doc:"Like settings, for secret fields. They are never shown again."`
}

// given are the settings as they were sent.
func (b SettingsBody) given() channels.Settings {
	return channels.Settings{Values: wire.Texts(b.Settings), Secrets: plainMap(b.Secrets)}
}

func plainMap(in map[string]wire.FreeText) map[string]string {
	out := make(map[string]string, len(in))
	for name, value := range in {
		out[name] = string(value)
	}
	return out
}

// typed are settings in the types of their fields: numbers and booleans are no texts.
// What no field knows, of an adapter that is gone, stays a text.
func typed(fields []channels.Field, settings map[string]string) map[string]wire.Scalar {
	kinds := map[string]string{}
	for _, f := range fields {
		kinds[f.Name] = f.Type
	}
	values := make(map[string]wire.Scalar, len(settings))
	for name, text := range settings {
		switch kinds[name] {
		case "int":
			values[name] = wire.NumberScalar(text)
		case "bool":
			values[name] = wire.BooleanScalar(text)
		default:
			values[name] = wire.TextScalar(text)
		}
	}
	return values
}

// applied returns the old settings with the sent ones in them, and whether that
// changed anything. Code validation-failed: a name is one that only Belfry sets.
func (b SettingsBody) applied(old channels.Settings) (merged channels.Settings, changed bool, err error) {
	given := b.given()
	for name := range given.Secrets {
		if strings.Contains(name, ".") {
			return old, false, models.Invalid("#/secrets/"+name, "unknown-field", "There is no such setting.")
		}
	}
	merged = old.With(given)
	changed = !maps.Equal(old.Values, merged.Values) || !maps.Equal(old.Secrets, merged.Secrets)
	return merged, changed, nil
}

// secretNames lists which secrets are set: sorted, never nil.
func secretNames(secrets map[string]string) []string {
	names := []string{}
	for name := range secrets {
		if !strings.Contains(name, ".") { // replaced ones that still count
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// healthView is what is known about a provider or a bot from using it.
type healthView struct {
	State         string     `json:"state" enum:"unused,ok,failing,paused,suspended" doc:"suspended: a person must repair and resume it."`
	Reason        string     `json:"reason" doc:"Why it is suspended; empty otherwise."`
	Failures      int        `json:"failures" doc:"Failed attempts since the last success."`
	FailingSince  *time.Time `json:"failing_since" doc:"When the failures since the last success began; null when there are none."`
	PausedUntil   *time.Time `json:"paused_until"`
	SuspendedAt   *time.Time `json:"suspended_at"`
	LastSuccessAt *time.Time `json:"last_success_at"`
	LastFailureAt *time.Time `json:"last_failure_at"`
}

func viewHealth(state models.DestinationState, now time.Time) healthView {
	view := healthView{
		State: "ok", Reason: state.Reason, Failures: state.Failures, FailingSince: state.FailingSince, SuspendedAt: state.SuspendedAt,
		LastSuccessAt: state.LastSuccessAt, LastFailureAt: state.LastFailureAt,
	}
	if state.PausedUntil != nil && state.PausedUntil.After(now) {
		view.PausedUntil = state.PausedUntil
	}
	switch {
	case state.SuspendedAt != nil:
		view.State = "suspended"
	case view.PausedUntil != nil:
		view.State = "paused"
	case state.Failures > 0:
		view.State = "failing"
	case state.LastSuccessAt == nil && state.LastFailureAt == nil:
		view.State = "unused"
	}
	return view
}

// Limits of tests.
const (
	trialTime      = 10 * time.Second
	trialsPerPlace = 6
	trialWindow    = time.Minute
)

// trialOut is how a test ended.
type trialOut struct {
	Body trialView
}

type trialView struct {
	OK         bool   `json:"ok" doc:"Whether the provider took the message."`
	Outcome    string `json:"outcome" enum:"delivered,accepted,retry,rate_limited,permanent,misconfigured,ambiguous" doc:"The class of the answer."`
	Reason     string `json:"reason" doc:"Why it failed; empty otherwise."`
	Code       string `json:"provider_code" doc:"The provider's own code."`
	Message    string `json:"provider_message" doc:"The provider's own words, without control characters and secrets."`
	Ref        string `json:"provider_ref" doc:"The provider's id of the message."`
	DurationMS int64  `json:"duration_ms"`
}

// try sends a test message the way that every message goes, within 10 s.
func try(ctx context.Context, sender channels.Sender, target channels.Target, m channels.Message) trialView {
	ctx, cancel := context.WithTimeout(ctx, trialTime)
	defer cancel()
	started := time.Now()
	receipt, err := sender.Send(ctx, target, m)
	took := time.Since(started).Milliseconds()
	if failure := channels.AsError(err); failure != nil {
		return trialView{
			Outcome: string(failure.Class), Reason: failure.Reason, Code: failure.Code, Message: failure.Message, DurationMS: took,
		}
	}
	return trialView{OK: true, Outcome: string(receipt.Class), Code: receipt.Code, Message: receipt.Message, Ref: receipt.Ref, DurationMS: took}
}

// limitTrial counts a test of the destination. Code rate-limited.
func limitTrial(ctx context.Context, s *operation.Core, destination string) error {
	wait, err := s.Store.Limits().Hit(ctx, "test "+destination, trialsPerPlace, trialWindow)
	if err != nil || wait <= 0 {
		return err
	}
	limited := models.Errorf(models.CodeRateLimited, "It was tested %d times in the last minute. Please wait.", trialsPerPlace)
	limited.RetryAfter = wait
	return limited
}
