package announcements

import (
	"context"
	"math"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/announcement"
	"belfry.dev/belfry/store"
)

func describeAnnouncements() map[string]operation.Operation {
	return map[string]operation.Operation{
		"announcement.create": {
			Summary: "Announce something to many or all accounts", MaxBodyBytes: maxAnnouncement, RecordsProducts: true,
			Description: "Each account of the audience gets one notification of its own, in its language and under its own subscriptions. The same external_id with the same content is the same announcement.",
		},
		"announcement.list": {
			Summary:     "List the announcements",
			Description: "Products see their own, operators all.",
		},
		"announcement.get": {
			Summary:     "Show an announcement and how far it is",
			Description: "Products see their own, operators all. How the deliveries went is in each account's report.",
		},
		"announcement.pause": {
			Summary: "Pause an announcement", RecordsProducts: true,
			Description: "What accounts have already goes its way; nobody else is told until it is resumed.",
		},
		"announcement.resume": {
			Summary: "Resume an announcement", RecordsProducts: true,
			Description: "It goes on with the next account.",
		},
		"announcement.cancel": {
			Summary: "Cancel an announcement", RecordsProducts: true,
			Description: "Nobody else is told. What accounts have already goes its way, and stays.",
		},
	}
}

// AnnouncementView is an announcement without its variables.
type AnnouncementView struct {
	ID                string             `json:"id"`
	Type              string             `json:"type"`
	ProductID         string             `json:"product_id" doc:"Who announces; empty for an operator."`
	State             announcement.State `json:"state" enum:"scheduled,running,paused,done,cancelled,expired"`
	Reason            string             `json:"reason" doc:"Why the platform paused it: type_disabled, product_refused; else empty."`
	Severity          models.Severity    `json:"severity" enum:"info,warning,critical"`
	Link              string             `json:"link"`
	ExternalID        string             `json:"external_id"`
	IdempotencyKey    string             `json:"idempotency_key" doc:"Of the submission."`
	Audience          audienceView       `json:"audience"`
	AccountsPerMinute int                `json:"accounts_per_minute" doc:"The throttle; 0 for none."`
	Progress          progressView       `json:"progress"`
	ScheduleAt        *time.Time         `json:"schedule_at" doc:"When it begins; null means at once."`
	ExpiresAt         *time.Time         `json:"expires_at" doc:"Nobody is told after it, and nothing is sent."`
	CreatedAt         time.Time          `json:"created_at"`
	StartedAt         *time.Time         `json:"started_at" doc:"Accounts that are made later are not told."`
	FinishedAt        *time.Time         `json:"finished_at"`
}

type audienceView struct {
	Accounts    int        `json:"accounts" doc:"How many accounts are listed; 0 for no list."`
	Language    string     `json:"language"`
	TimeZone    string     `json:"time_zone"`
	AliasPrefix string     `json:"alias_prefix"`
	CreatedFrom *time.Time `json:"created_from"`
	CreatedTo   *time.Time `json:"created_to"`
}

// progressView adds up: total is accepted, disabled, refused and left.
type progressView struct {
	Total    int64 `json:"total" doc:"Accounts of the audience, counted when it was submitted and again when it began."`
	Accepted int64 `json:"accepted" doc:"Accounts that have their notification."`
	Disabled int64 `json:"disabled" doc:"Skipped: the account is disabled."`
	Refused  int64 `json:"refused" doc:"Skipped: the product may not address the account any more, or used the notification's external_id for something else."`
	Left     int64 `json:"left"`
	// AccountsPerMinute is the speed since it began or was resumed.
	AccountsPerMinute float64    `json:"accounts_per_minute" doc:"Its speed since it began or was resumed; 0 while nobody can tell."`
	DoneAt            *time.Time `json:"done_at" doc:"When it will be through at that speed; null while nobody can tell."`
}

func viewAnnouncement(s *operation.Core, a announcement.Announcement) AnnouncementView {
	f := a.Audience
	v := AnnouncementView{
		ID: a.ID, Type: a.Type, ProductID: a.ProductID, State: a.State, Reason: a.Reason, Severity: a.Severity, Link: a.Link,
		ExternalID: a.ExternalID, IdempotencyKey: a.IdempotencyKey, AccountsPerMinute: a.PerMinute,
		Audience: audienceView{
			Accounts: f.Accounts, Language: f.Language, TimeZone: f.TimeZone, AliasPrefix: f.AliasPrefix,
			CreatedFrom: f.CreatedFrom, CreatedTo: f.CreatedTo,
		},
		Progress: progressView{
			Total: a.Total, Accepted: a.Accepted, Disabled: a.Disabled, Refused: a.Refused, Left: max(0, a.Total-a.Done()),
		},
		ScheduleAt: a.ScheduleAt, ExpiresAt: a.ExpiresAt, CreatedAt: a.CreatedAt, StartedAt: a.StartedAt, FinishedAt: a.FinishedAt,
	}
	speed, doneAt := a.Speed(s.Now().UTC())
	v.Progress.AccountsPerMinute, v.Progress.DoneAt = math.Round(speed*10)/10, doneAt
	return v
}

// announcer is whose announcements the caller sees.
func announcer(c *operation.Call) store.Announcer {
	if c.Actor.Kind == models.ActorProduct {
		return store.Announcer{Product: c.Actor.ID}
	}
	return store.Announcer{All: true}
}

type listAnnouncementsIn struct {
	operation.Listing
	State      announcement.State `query:"state" enum:"scheduled,running,paused,done,cancelled,expired" doc:"Only those in this state."`
	Type       string             `query:"type" maxLength:"64" doc:"Only those of this message type."`
	ExternalID string             `query:"external_id" maxLength:"128" doc:"Only the one with exactly this id of the announcer."`
}

func listAnnouncements(ctx context.Context, c *operation.Call, in *listAnnouncementsIn) (*operation.ListOut[AnnouncementView], error) {
	p, err := c.Paging(in.Listing, string(in.State), in.Type, in.ExternalID)
	if err != nil {
		return nil, err
	}
	filter := store.AnnouncementFilter{State: in.State, Type: in.Type, ExternalID: in.ExternalID}
	rows, next, err := c.Store.Platform().Announcements().List(ctx, announcer(c), filter, p.Page)
	if err != nil {
		return nil, err
	}
	return operation.Listed(p, rows, next, func(a announcement.Announcement) AnnouncementView { return viewAnnouncement(c.Core, a) }), nil
}

type announcementIn struct {
	ID string `path:"id" pattern:"^ann_[0-9a-f]{32}$"`
}

type announcementOut struct {
	Body struct {
		AnnouncementView
		Variables map[string]string `json:"variables"`
	}
}

func getAnnouncement(ctx context.Context, c *operation.Call, in *announcementIn) (*announcementOut, error) {
	a, err := c.Store.Platform().Announcements().ByID(ctx, announcer(c), in.ID)
	if err != nil {
		return nil, err
	}
	out := &announcementOut{}
	out.Body.AnnouncementView, out.Body.Variables = viewAnnouncement(c.Core, a), a.Variables
	return out, nil
}

type movedAnnouncementOut struct {
	Body AnnouncementView
}

func pauseAnnouncement(ctx context.Context, c *operation.Call, in *announcementIn) (*movedAnnouncementOut, error) {
	return moveAnnouncement(ctx, c, in.ID, func(a announcement.Announcement, _ time.Time) (announcement.Announcement, error) { return a.Paused("") })
}

func resumeAnnouncement(ctx context.Context, c *operation.Call, in *announcementIn) (*movedAnnouncementOut, error) {
	return moveAnnouncement(ctx, c, in.ID, announcement.Announcement.Resumed)
}

func cancelAnnouncement(ctx context.Context, c *operation.Call, in *announcementIn) (*movedAnnouncementOut, error) {
	return moveAnnouncement(ctx, c, in.ID, announcement.Announcement.Cancelled)
}

func moveAnnouncement(ctx context.Context, c *operation.Call, id string,
	move func(announcement.Announcement, time.Time) (announcement.Announcement, error),
) (*movedAnnouncementOut, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[movedAnnouncementOut], error) {
		before, after, err := tx.Announcing().Update(ctx, announcer(c), id, func(a announcement.Announcement) (announcement.Announcement, error) {
			return move(a, tx.Now())
		})
		if err != nil {
			return nil, err
		}
		return operation.Did(&movedAnnouncementOut{Body: viewAnnouncement(c.Core, after)}, operation.Of("announcement", id, after.Type),
			viewAnnouncement(c.Core, before), viewAnnouncement(c.Core, after)), nil
	})
}
