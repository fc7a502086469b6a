package calendars

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"belfry.dev/belfry/api/credential"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/reminders"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
	"belfry.dev/belfry/models/text"
	"belfry.dev/belfry/store"
)

const (
	calendarType = "text/calendar"
	calendarPath = "/v1/calendar/"
	// feedPrefix begins the secret of a calendar's address.
	feedPrefix = "bf_"
	// maxEvents bounds a calendar: the next ones.
	maxEvents = 1000
	// eventLength is how long an entry looks in a calendar.
	eventLength = 15 * time.Minute
)

func describeCalendarFeeds() map[string]operation.Operation {
	return map[string]operation.Operation{
		"calendar_feed.create": {
			Summary: "Make a secret address for a calendar", Description: "Calendars that subscribe to it show the account's reminders to come. Whoever knows the address reads them; it is shown in this answer only. An account has at most 20.",
		},
		"calendar_feed.list": {
			Summary:     "List the calendar feeds",
			Description: "Their addresses are not shown again: only their creation shows one.",
		},
		"calendar_feed.rotate": {
			Summary:     "Replace the address of a calendar feed",
			Description: "The old address ends at once.",
		},
		"calendar_feed.delete": {
			Summary:     "Revoke a calendar feed",
			Description: "Its address answers 404 from then on.",
		},
		"calendar.show": {
			Summary:     "Read a calendar of reminders to come",
			Description: "iCalendar (RFC 5545), for calendars that subscribe. The address is the credential.", Public: true, Linked: true, Produces: calendarType,
		},
	}
}

// CalendarFeedView is a feed as it is shown; bodies embed it.
type CalendarFeedView struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	CreatedBy string    `json:"created_by" doc:"A user's id."`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at" doc:"When its address was made."`
}

func viewCalendarFeed(f models.CalendarFeed) CalendarFeedView {
	return CalendarFeedView{ID: f.ID, Name: f.Name, CreatedBy: f.CreatedBy, CreatedAt: f.CreatedAt, UpdatedAt: f.UpdatedAt}
}

// namedFeed is a feed as lists show it.
type namedFeed struct {
	CalendarFeedView
	CreatedByName string `json:"created_by_name" doc:"What people call the user; empty when the user is gone."`
}

// newFeedOut is the only answer that holds an address.
type newFeedOut struct {
	Location string `header:"Location"`
	Body     struct {
		CalendarFeedView
		URL string `json:"url" doc:"To be subscribed to. It is not shown again."`
	}
}

func outCalendarFeed(s *operation.Core, f models.CalendarFeed, secret string) *newFeedOut {
	out := &newFeedOut{Location: "/v1/calendar-feeds/" + f.ID}
	out.Body.CalendarFeedView = viewCalendarFeed(f)
	out.Body.URL = strings.TrimRight(s.Config.PublicURL, "/") + calendarPath + feedPrefix + secret + ".ics"
	return out
}

type createCalendarFeedIn struct {
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"64" doc:"Whose calendar it is for."`
	}
}

func createCalendarFeed(ctx context.Context, c *operation.Call, in *createCalendarFeedIn) (*newFeedOut, error) {
	secret, hash := credential.NewSecret()
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[newFeedOut], error) {
		f := models.CalendarFeed{Name: in.Body.Name, TokenHash: hash, CreatedBy: c.Actor.ID}
		if err := tx.In(c.Account()).CalendarFeeds().Create(ctx, &f); err != nil {
			return nil, err
		}
		return operation.Did(outCalendarFeed(c.Core, f, secret), operation.Of("calendar_feed", f.ID, f.Name), nil, viewCalendarFeed(f)), nil
	})
}

type listCalendarFeedsIn struct {
	operation.Listing
}

func listCalendarFeeds(ctx context.Context, c *operation.Call, in *listCalendarFeedsIn) (*operation.ListOut[namedFeed], error) {
	p, err := c.Paging(in.Listing)
	if err != nil {
		return nil, err
	}
	rows, next, err := c.Store.In(c.Account()).CalendarFeeds().List(ctx, p.Page)
	if err != nil {
		return nil, err
	}
	var makers []string
	for _, f := range rows {
		makers = append(makers, f.CreatedBy)
	}
	names, err := c.Store.In(c.Account()).Users().Names(ctx, makers...)
	return operation.Listed(p, rows, next, func(f models.CalendarFeed) namedFeed {
		return namedFeed{CalendarFeedView: viewCalendarFeed(f), CreatedByName: names[f.CreatedBy]}
	}), err
}

type calendarFeedIn struct {
	ID string `path:"id" pattern:"^cal_[0-9a-f]{32}$"`
}

func rotateCalendarFeed(ctx context.Context, c *operation.Call, in *calendarFeedIn) (*newFeedOut, error) {
	secret, hash := credential.NewSecret()
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[newFeedOut], error) {
		before, after, err := tx.In(c.Account()).CalendarFeeds().Rotate(ctx, in.ID, c.Actor.ID, hash)
		if err != nil {
			return nil, err
		}
		return operation.Did(outCalendarFeed(c.Core, after, secret), operation.Of("calendar_feed", after.ID, after.Name),
			viewCalendarFeed(before), viewCalendarFeed(after)), nil
	})
}

func deleteCalendarFeed(ctx context.Context, c *operation.Call, in *calendarFeedIn) (*operation.Nothing, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operation.Nothing], error) {
		f, err := tx.In(c.Account()).CalendarFeeds().Delete(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return operation.Did(&operation.Nothing{}, operation.Of("calendar_feed", f.ID, f.Name), viewCalendarFeed(f), nil), nil
	})
}

type showCalendarIn struct {
	File string `path:"file" pattern:"^bf_[a-z2-7]{52}\\.ics$"`
}

type calendarOut struct {
	ContentType string `header:"Content-Type"`
	Cache       string `header:"Cache-Control"`
	Body        []byte
}

func showCalendar(ctx context.Context, c *operation.Call, in *showCalendarIn) (*calendarOut, error) {
	secret := strings.TrimSuffix(strings.TrimPrefix(in.File, feedPrefix), ".ics")
	feed, err := c.Store.Platform().Credentials().CalendarFeed(ctx, credential.Hash(secret))
	if err != nil {
		return nil, err
	}
	if err := mayStillShow(ctx, c, feed); err != nil {
		return nil, err
	}
	account, coming, err := reminders.ToCome(ctx, c.Core, feed.AccountID)
	if err != nil {
		return nil, err
	}
	text, err := calendar(ctx, c.Core, account, coming)
	return &calendarOut{ContentType: calendarType + "; charset=utf-8", Cache: "private, no-store", Body: text}, err
}

// mayStillShow ends a feed with the right of who made its address: revoked, disabled and
// deleted people see no reminders, and neither do their calendars. Code not-found.
func mayStillShow(ctx context.Context, c *operation.Call, f models.CalendarFeed) error {
	maker := models.Actor{Kind: models.ActorUser, ID: f.CreatedBy, Account: f.AccountID}
	err := c.Rbac.Allow(ctx, maker, "reminder.list", f.AccountID)
	if models.CodeOf(err) == models.CodeForbidden {
		return models.NotFound()
	}
	return err
}

// calendar is what comes as iCalendar: an entry for each message to come.
func calendar(ctx context.Context, s *operation.Core, account models.Account, coming []schedule.Coming) ([]byte, error) {
	now := s.Store.Now()
	cal := ics.NewCalendar()
	cal.SetProductId("-//Belfry//Reminders//EN")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName(account.Name)
	cal.SetXWRTimezone(schedule.Zone(account.TimeZone).String())
	cal.SetRefreshInterval("PT1H")
	cal.SetXPublishedTTL("PT1H")
	names := map[string]string{}
	for _, each := range coming {
		if !each.At.After(now) || len(cal.Components) == maxEvents {
			continue
		}
		if _, known := names[each.Type]; !known {
			kind, err := s.Store.Catalogue().CurrentMessageType(ctx, each.Type)
			if err != nil && models.CodeOf(err) != models.CodeNotFound {
				return nil, err
			}
			names[each.Type] = kind.Names[account.Language]
		}
		entry(cal, siteHost(s), account, each, names[each.Type]).SetDtStampTime(now)
	}
	var text bytes.Buffer
	err := cal.SerializeTo(&text, ics.WithNewLineWindows, ics.WithLineLength(75))
	if err != nil {
		return nil, fmt.Errorf("write calendar: %w", err)
	}
	return text.Bytes(), nil
}

// entry adds a message to come. Its id stays while its time and message type do.
func entry(cal *ics.Calendar, site string, account models.Account, c schedule.Coming, name string) *ics.VEvent {
	sum := sha256.Sum256([]byte(string(account.ID) + " " + c.Key()))
	e := cal.AddEvent(hex.EncodeToString(sum[:16]) + "@" + site)
	e.SetStartAt(c.At)
	e.SetEndAt(c.At.Add(eventLength))
	e.SetTimeTransparency(ics.TransparencyTransparent)
	title := name + ": " + c.Resources[0].Name
	if more := len(c.Resources) - 1; more > 0 {
		title += fmt.Sprintf(" (+%d)", more)
	}
	e.SetSummary(title)
	zone := schedule.Zone(account.TimeZone)
	var lines []string
	for i, r := range c.Resources {
		if i == reminders.MaxNamed {
			lines = append(lines, fmt.Sprintf("… +%d", len(c.Resources)-i))
			break
		}
		lines = append(lines, r.Name+" ("+r.ExternalID+") · "+text.Instant(c.Rungs[i].Deadline, zone))
	}
	e.SetDescription(strings.Join(lines, "\n"))
	return e
}

// siteHost is the host of the public URL, for ids that are unique in the world.
func siteHost(s *operation.Core) string {
	if u, err := url.Parse(s.Config.PublicURL); err == nil && u.Host != "" {
		return u.Hostname()
	}
	return "belfry.invalid"
}
