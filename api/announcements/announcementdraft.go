package announcements

import (
	"context"
	"slices"
	"strconv"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/announcement"
	"belfry.dev/belfry/models/intake"
	"belfry.dev/belfry/store"
)

// maxAnnouncement bounds the body of an announcement: a list of 10,000 ids.
const maxAnnouncement = 1 << 20

type announceIn struct {
	Body struct {
		Type              string                 `json:"type" minLength:"1" maxLength:"64" example:"activity.launch" doc:"The message type's key."`
		Audience          announceAudience       `json:"audience" doc:"Who is told. What is given is combined with \"and\"."`
		Variables         map[string]wire.Scalar `json:"variables,omitempty" doc:"The values that the message type declares: the same for everybody."`
		Link              string                 `json:"link,omitempty" maxLength:"2048" doc:"Where it leads: an absolute http or https address, or a path of the site."`
		Severity          models.Severity        `json:"severity,omitempty" enum:"info,warning,critical" doc:"The message type's own when left out."`
		ExternalID        string                 `json:"external_id,omitempty" maxLength:"128" doc:"Your own id of it: unique among your announcements for as long as they are kept."`
		ScheduleAt        *time.Time             `json:"schedule_at,omitempty" doc:"When it begins, at most a year ahead; at once when left out, or over for less than 30 seconds."`
		ExpiresAt         *time.Time             `json:"expires_at,omitempty" doc:"When nobody is to be told any more, and nothing to be sent."`
		AccountsPerMinute int                    `json:"accounts_per_minute,omitempty" minimum:"1" maximum:"600000" doc:"At most so many accounts a minute; as many as the database takes when left out."`
	}
}

type announceAudience struct {
	All         bool       `json:"all,omitempty" doc:"Every account. It must be said where nothing else is."`
	Accounts    []string   `json:"accounts,omitempty" minItems:"1" maxItems:"10000" example:"[\"acme\"]" doc:"Only these accounts: ids or aliases."`
	Language    string     `json:"language,omitempty" enum:"zh-CN,en-US" doc:"Only accounts of this language."`
	TimeZone    string     `json:"time_zone,omitempty" maxLength:"64" example:"Asia/Shanghai" doc:"Only accounts in this time zone: an IANA name."`
	AliasPrefix string     `json:"alias_prefix,omitempty" pattern:"^[a-z0-9][a-z0-9-]{0,31}$" patternDescription:"1–32 of a–z, 0–9 and -, beginning with a letter or digit" doc:"Only accounts whose alias begins with it."`
	CreatedFrom *time.Time `json:"created_from,omitempty" doc:"Only accounts made then or later."`
	CreatedTo   *time.Time `json:"created_to,omitempty" doc:"Only accounts made before."`
}

type announcedOut struct {
	Location string `header:"Location"`
	Body     AnnouncementView
}

func announce(ctx context.Context, c *operation.Call, in *announceIn) (*announcedOut, error) {
	by, err := c.Submitter(ctx, c)
	if err != nil {
		return nil, err
	}
	draft, list, err := draftAnnouncement(ctx, c.Core, by, in, c.Body())
	if err != nil {
		return operation.Earlier[announcedOut](ctx, c, err)
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[announcedOut], error) {
		a, err := tx.Announcing().Create(ctx, draft, list)
		if err != nil {
			return nil, err
		}
		return operation.Did(&announcedOut{Location: "/v1/announcements/" + a.ID, Body: viewAnnouncement(c.Core, a)}, operation.Of("announcement", a.ID, a.Type),
			nil, viewAnnouncement(c.Core, a)), nil
	})
}

// draftAnnouncement checks all of a submission and returns it with its list of
// accounts; nil for no list. value is the body as it was sent. Codes: forbidden for a
// message type that the product may not submit, validation-failed with all that is
// wrong otherwise.
func draftAnnouncement(ctx context.Context, s *operation.Core, by operation.Submitter, in *announceIn, value *wire.Value) (announcement.Announcement, []models.AccountID, error) {
	kind, err := s.Submittable(ctx, by, in.Body.Type)
	if err != nil {
		return announcement.Announcement{}, nil, err
	}
	b := in.Body
	variables := wire.Texts(b.Variables)
	a := announcement.Announcement{
		ProductID: by.Product.ID, Type: kind.Key, TypeVersion: kind.Version, Category: kind.Category, Severity: kind.Severity,
		Variables: variables, Link: b.Link, ExternalID: b.ExternalID, IdempotencyKey: by.Key, Fingerprint: s.Fingerprints.Of(value),
		PerMinute: b.AccountsPerMinute, ScheduleAt: wire.Micros(b.ScheduleAt), ExpiresAt: wire.Micros(b.ExpiresAt),
	}
	if b.Severity != "" {
		a.Severity = b.Severity
	}
	list, fields, err := audience(ctx, s, by, b.Audience)
	if err != nil {
		return a, nil, err
	}
	a.Audience = b.Audience.filter(list)
	fields = append(fields, intake.Life{ScheduleAt: b.ScheduleAt, ExpiresAt: b.ExpiresAt}.Check(s.Now().UTC())...)
	fields = append(fields, catalog.CheckVariables(kind, variables)...)
	fields = append(fields, catalog.CheckLink(b.Link)...)
	if len(fields) > 0 {
		return a, nil, refuseAnnouncement(ctx, s, a, fields)
	}
	for _, locale := range []models.Locale{models.LocaleZH, models.LocaleEN} {
		if _, err := s.Renderer.Render(kind, locale, catalog.Input{Variables: variables, Link: a.Link, Severity: a.Severity}); err != nil {
			return a, nil, err
		}
	}
	a.Total, err = s.Store.Platform().Announcements().CountAudience(ctx, a, list)
	return a, list, err
}

// refuseAnnouncement is refuse for announcements.
func refuseAnnouncement(ctx context.Context, s *operation.Core, a announcement.Announcement, fields []models.Field) error {
	repeats, err := s.Store.Platform().Announcements().Repeats(ctx, a)
	if err != nil || repeats {
		return err
	}
	return models.InvalidFields(fields)
}

// filter is the audience as it is stored.
func (a announceAudience) filter(list []models.AccountID) announcement.Audience {
	return announcement.Audience{
		Listed: list != nil, Accounts: len(list), Language: a.Language, TimeZone: a.TimeZone, AliasPrefix: a.AliasPrefix,
		CreatedFrom: wire.Micros(a.CreatedFrom), CreatedTo: wire.Micros(a.CreatedTo),
	}
}

// audience resolves and checks who is told. A product that may not address all
// accounts announces to those that it may; what it may not address does not exist for
// it. The list is sorted, without repeats; nil for none.
func audience(ctx context.Context, s *operation.Core, by operation.Submitter, a announceAudience) ([]models.AccountID, []models.Field, error) {
	fields := a.check()
	everybody := by.Source == models.SourcePlatform || by.Product.MayAddress(models.Every)
	if len(a.Accounts) == 0 {
		if everybody {
			return nil, fields, nil
		}
		list := []models.AccountID{}
		for _, each := range by.Product.Accounts {
			list = append(list, models.AccountID(each))
		}
		slices.Sort(list)
		return slices.Compact(list), fields, nil
	}
	list, unknown, err := listedAccounts(ctx, s, by, a.Accounts)
	return list, append(fields, unknown...), err
}

// maxUnknown bounds how many wrong items one answer names.
const maxUnknown = 100

// listedAccounts finds the accounts by id or alias.
func listedAccounts(ctx context.Context, s *operation.Core, by operation.Submitter, names []string) ([]models.AccountID, []models.Field, error) {
	rows, err := s.Store.Platform().Accounts().Existing(ctx, names)
	if err != nil {
		return nil, nil, err
	}
	known := make(map[string]models.AccountID, 2*len(rows))
	for _, row := range rows {
		if by.Source == models.SourcePlatform || by.Product.MayAddress(row.ID) {
			known[string(row.ID)], known[row.Alias] = row.ID, row.ID
		}
	}
	list := make([]models.AccountID, 0, len(names))
	var fields []models.Field
	for i, name := range names {
		id, found := known[name]
		switch {
		case found:
			list = append(list, id)
		case len(fields) < maxUnknown:
			fields = append(fields, models.Field{
				Pointer: "#/audience/accounts/" + strconv.Itoa(i), Code: "unknown-value", Detail: "There is no such account.",
			})
		}
	}
	slices.Sort(list)
	return slices.Compact(list), fields, nil
}

// check finds what cannot be meant.
func (a announceAudience) check() []models.Field {
	var fields []models.Field
	add := func(name, code, detail string) {
		fields = append(fields, models.Field{Pointer: "#/audience" + name, Code: code, Detail: detail})
	}
	narrowed := len(a.Accounts) > 0 || a.Language != "" || a.TimeZone != "" || a.AliasPrefix != "" || a.CreatedFrom != nil || a.CreatedTo != nil
	switch {
	case !a.All && !narrowed:
		add("", "required", `Say whom, or "all": true.`)
	case a.All && narrowed:
		add("/all", "conflict", "Say either all, or whom.")
	}
	if a.TimeZone != "" && intake.CheckZone(a.TimeZone) != nil {
		add("/time_zone", "unknown-value", "must be an IANA time zone, such as Asia/Shanghai")
	}
	if beyond(a.CreatedFrom) {
		add("/created_from", "too-far", "must be a date that an account can have")
	}
	if beyond(a.CreatedTo) {
		add("/created_to", "too-far", "must be a date that an account can have")
	}
	if a.CreatedFrom != nil && a.CreatedTo != nil && !a.CreatedFrom.Before(*a.CreatedTo) {
		add("/created_to", "too-small", "must be after created_from")
	}
	return fields
}

// beyond reports whether the database cannot hold the time.
func beyond(at *time.Time) bool { return at != nil && !at.Equal(*wire.InDatabase(*at)) }
