package channels_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
)

// plainSender is an adapter that only describes itself.
type plainSender struct{ d channels.Descriptor }

func (s plainSender) Descriptor() channels.Descriptor { return s.d }

func (s plainSender) Send(context.Context, channels.Target, channels.Message) (channels.Receipt, error) {
	return channels.Receipt{Class: channels.Delivered}, nil
}

func describe(fields ...channels.Field) channels.Descriptor {
	return channels.Descriptor{Kind: "test", Channel: "test", Fields: fields}
}

func TestFieldTypes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field channels.Field
		value string
		code  string
	}{
		{channels.Field{Type: "string", Required: true}, "", "required"},
		{channels.Field{Type: "string"}, "", ""},
		{channels.Field{Type: "string", Max: 3}, "告告告", ""},
		{channels.Field{Type: "string", Max: 3}, "告告告告", "too-long"},
		{channels.Field{Type: "string"}, strings.Repeat("a", 1001), "too-long"},
		{channels.Field{Type: "string"}, "a\r\nb", "invalid-characters"},
		{channels.Field{Type: "string"}, "a\u202eb", "invalid-characters"},
		{channels.Field{Type: "string"}, "\xff", "invalid-characters"},
		{channels.Field{Type: "string"}, " a", "invalid-characters"},
		{channels.Field{Type: "text"}, "a\nb", ""},
		{channels.Field{Type: "text"}, "a\rb", "invalid-characters"},
		{channels.Field{Type: "int", Min: 1, Max: 30}, "30", ""},
		{channels.Field{Type: "int", Min: 1, Max: 30}, "31", "out-of-range"},
		{channels.Field{Type: "int", Min: 1, Max: 30}, "0", "out-of-range"},
		{channels.Field{Type: "int", Max: 30}, "007", "out-of-range"},
		{channels.Field{Type: "int", Max: 30}, "1e1", "out-of-range"},
		{channels.Field{Type: "bool"}, "true", ""},
		{channels.Field{Type: "bool"}, "yes", "not-allowed"},
		{channels.Field{Type: "enum", Enum: []string{"a"}}, "a", ""},
		{channels.Field{Type: "enum", Enum: []string{"a"}}, "A", "not-allowed"},
		{channels.Field{Type: "host"}, "mail.example.com", ""},
		{channels.Field{Type: "host"}, "10.0.0.1", ""},
		{channels.Field{Type: "host"}, "::1", ""},
		{channels.Field{Type: "host"}, "mail", ""},
		{channels.Field{Type: "host"}, "mail:25", "invalid-host"},
		{channels.Field{Type: "host"}, "a b", "invalid-host"},
		{channels.Field{Type: "email"}, "no-reply@example.com", ""},
		{channels.Field{Type: "email"}, "a@b@c", "invalid-email"},
		{channels.Field{Type: "email"}, "x <a@example.com>", "invalid-email"},
		{channels.Field{Type: "email"}, ".a@example.com", "invalid-email"},
		{channels.Field{Type: "json"}, `{"a":"b"}`, ""},
		{channels.Field{Type: "json"}, `[1]`, "invalid-json"},
		{channels.Field{Type: "json"}, `null`, "invalid-json"},
		{channels.Field{Type: "pem"}, "nonsense", "invalid-pem"},
		{channels.Field{Type: "url"}, "https://example.com/", ""},
		{channels.Field{Type: "url"}, "ftp://example.com/", "invalid-url"},
		{channels.Field{Type: "headers"}, "X-A: b\nAuthorization: Bearer t", ""},
		{channels.Field{Type: "headers"}, "Host: evil", "reserved-header"},
		{channels.Field{Type: "headers"}, "content-length: 5", "reserved-header"},
		{channels.Field{Type: "headers"}, "Transfer-Encoding: chunked", "reserved-header"},
		{channels.Field{Type: "headers"}, "webhook-id: x", "reserved-header"},
		{channels.Field{Type: "headers"}, "no colon", "invalid-header"},
		{channels.Field{Type: "headers"}, "X A: b", "invalid-header"},
		{channels.Field{Type: "headers"}, "X: b\r\nY: c", "invalid-characters"},
		{channels.Field{Type: "headers", Max: 10000}, "X: " + strings.Repeat("b", 8192), "too-long"},
		{channels.Field{Type: "headers"}, strings.Repeat("X: b\n", 17), "too-many"},
	} {
		c.field.Name = "f"
		got := ""
		if problems := describe(c.field).CheckProvider(channels.Settings{Values: map[string]string{"f": c.value}}); len(problems) > 0 {
			got = problems[0].Code
			if problems[0].Pointer != "#/settings/f" {
				t.Errorf("pointer = %q", problems[0].Pointer)
			}
		}
		if got != c.code {
			t.Errorf("%s %.30q: code %q, want %q", c.field.Type, c.value, got, c.code)
		}
	}
}

func TestUnknownAndMisplacedSettingsAreRefused(t *testing.T) {
	t.Parallel()
	d := describe(channels.Field{Name: "host", Type: "host"}, channels.Field{Name: "password", Type: "string", Secret: true})
	err := channels.Check(plainSender{d}, channels.Target{Provider: channels.Config{Settings: channels.Settings{
		Values: map[string]string{"password": "in the wrong place", "hsot": "x"}, Secrets: map[string]string{"host": "x", "password.former": "[]"},
	}}})
	var e *models.Error
	if !errors.As(err, &e) || len(e.Fields) != 4 {
		t.Fatalf("Check() = %v, want four unknown fields", err)
	}
	for _, f := range e.Fields {
		if f.Code != "unknown-field" || strings.Contains(f.Detail, "wrong place") {
			t.Errorf("problem = %+v", f)
		}
	}
}

func TestChangesKeepWhatIsNotMentioned(t *testing.T) {
	t.Parallel()
	old := channels.Settings{Values: map[string]string{"a": "1", "b": "2"}, Secrets: map[string]string{"p": "s", "q": "t"}}
	got := old.With(channels.Settings{Values: map[string]string{"a": "3", "b": ""}, Secrets: map[string]string{"q": ""}})
	if len(got.Values) != 1 || got.Get("a") != "3" || len(got.Secrets) != 1 || got.Get("p") != "s" || old.Values["a"] != "1" {
		t.Errorf("With() = %+v, old %+v", got, old)
	}
}

func TestReplacedSecretsCountUntilTheyExpire(t *testing.T) {
	t.Parallel()
	s := channels.Settings{Secrets: map[string]string{"secret": "one"}}
	s = s.Rotate("secret", "two", noon, noon.Add(24*time.Hour))
	s = s.Rotate("secret", "three", noon.Add(time.Hour), noon.Add(48*time.Hour))
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{2 * time.Hour, "three two one"}, {24 * time.Hour, "three two"}, {48 * time.Hour, "three"}} {
		if got := strings.Join(s.Live("secret", noon.Add(c.after)), " "); got != c.want {
			t.Errorf("Live() after %v = %q, want %q", c.after, got, c.want)
		}
	}
	s = s.Rotate("secret", "four", noon.Add(2*time.Hour), noon.Add(2*time.Hour))
	if got := strings.Join(s.Live("secret", noon.Add(2*time.Hour)), " "); got != "four" {
		t.Errorf("Live() after revoking at once = %q, want only the new one", got)
	}
	for i := range 9 {
		s = s.Rotate("secret", strings.Repeat("x", i+1), noon, noon.Add(time.Hour))
	}
	if got := s.Live("secret", noon); len(got) != 5 || got[0] != "xxxxxxxxx" || got[1] != "xxxxxxxx" {
		t.Errorf("Live() after many rotations = %q, want five, newest first", got)
	}
}

func TestRegistryRoutesByKind(t *testing.T) {
	t.Parallel()
	r, err := channels.NewRegistry(plainSender{describe()})
	if err != nil {
		t.Fatal(err)
	}
	sender, target, err := r.Route(models.Provider{ID: "pvd_1", Kind: "test", Version: 3, Settings: map[string]string{"a": "b"}},
		map[string]string{"p": "s"}, &models.Bot{ID: "bot_1"}, map[string]string{"url": "u"})
	if err != nil || sender == nil || target.Provider.Get("p") != "s" || target.Provider.Version != 3 || target.Bot.Get("url") != "u" {
		t.Errorf("Route() = %+v, %v", target, err)
	}
	var e *channels.Error
	if _, _, err = r.Route(models.Provider{Kind: "gone"}, nil, nil, nil); !errors.As(err, &e) || e.Class != channels.Misconfigured {
		t.Errorf("Route() of an unknown kind = %v, want misconfigured", err)
	}
	if _, err := channels.NewRegistry(plainSender{describe()}, plainSender{describe()}); err == nil {
		t.Error("two adapters of one kind are accepted")
	}
}
