package store

import (
	"bytes"
	"context"
	"errors"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/announcement"
	"gorm.io/gorm"
)

const whyAnnouncements = "announcements go to many accounts"

// Announcing is announcements, as they are made and changed, and their parts accepted.
type Announcing struct{ tx *Tx }

// Announcing returns announcements, as they are made and changed, and their parts accepted.
func (tx *Tx) Announcing() Announcing { return Announcing{tx: tx} }

// Create stores the announcement with its list of accounts, has its
// workflow started, and returns what is stored: for an external id that the submitter
// used before with the same content that is the earlier one. It fills in id, times
// and state. Code conflict: the external id was used for something else.
func (h Announcing) Create(ctx context.Context, a announcement.Announcement, listed []models.AccountID) (announcement.Announcement, error) {
	a.ID, a.AccountID, a.Version = NewID(models.KindAnnouncement), models.Platform, 1
	a = a.Submitted(h.tx.Now())
	scope := h.tx.In(models.Platform)
	err := scope.insert(ctx, &a)
	if errors.Is(err, gorm.ErrDuplicatedKey) && a.ExternalID != "" {
		return sameAnnouncement(ctx, scope.Scope, a)
	}
	if err != nil {
		return a, failed("create announcement", err)
	}
	if err := h.tx.Platform().Announcements().name(ctx, a.ID, listed); err != nil {
		return a, failed("list accounts of announcement", err)
	}
	return a, scope.wakes().wake(ctx, models.EntityAnnouncement, a.ID)
}

// announcementAccount is one account of an announcement's list.
type announcementAccount struct {
	AnnouncementID string           `gorm:"primaryKey"`
	ListedID       models.AccountID `gorm:"primaryKey"`
}

// Announcements reads announcements to many accounts.
type Announcements struct{ p Platform }

// Announcements returns announcements to many accounts.
func (p Platform) Announcements() Announcements { return Announcements{p: p} }

// TxAnnouncements reads and changes announcements to many accounts, in a transaction.
type TxAnnouncements struct {
	Announcements
	tx TxPlatform
}

// Announcements returns announcements to many accounts, inside the transaction.
func (tx TxPlatform) Announcements() TxAnnouncements {
	return TxAnnouncements{Announcements: tx.Platform.Announcements(), tx: tx}
}

func (h TxAnnouncements) name(ctx context.Context, id string, accounts []models.AccountID) error {
	rows := make([]announcementAccount, len(accounts))
	for i, account := range accounts {
		rows[i] = announcementAccount{AnnouncementID: id, ListedID: account}
	}
	if len(rows) == 0 {
		return nil
	}
	const together = 1000
	return h.tx.rows(ctx, whyAnnouncements).CreateInBatches(&rows, together).Error
}

// Repeats reports whether the submitter announced the same content under
// the same external id before. Index: announcements_external.
func (h Announcements) Repeats(ctx context.Context, a announcement.Announcement) (bool, error) {
	if a.ExternalID == "" {
		return false, nil
	}
	_, err := sameAnnouncement(ctx, h.p.platform(), a)
	switch models.CodeOf(err) {
	case "":
		return true, nil
	case models.CodeNotFound, models.CodeConflict:
		return false, nil
	}
	return false, err
}

// platform is the scope of the operators' own rows.
func (p Platform) platform() Scope {
	return Scope{account: models.Platform, db: p.db, vault: p.vault, now: p.now}
}

func sameAnnouncement(ctx context.Context, sc Scope, a announcement.Announcement) (announcement.Announcement, error) {
	var earlier announcement.Announcement
	err := sc.rows(ctx).Where("product_id = ? AND external_key = ?", a.ProductID, a.ExternalID).Take(&earlier).Error
	if err != nil {
		return a, failed("find earlier announcement", err)
	}
	if !bytes.Equal(earlier.Fingerprint, a.Fingerprint) {
		return a, models.Errorf(models.CodeConflict, "Another announcement was submitted with this external id.")
	}
	return earlier, nil
}

// Announcer is whose announcements somebody sees: those of one product, or all.
type Announcer struct {
	// Product is the product's id; "" with All unset are the operators' own.
	Product string
	All     bool
}

func (h Announcements) announcements(ctx context.Context, by Announcer) *gorm.DB {
	q := h.p.platform().rows(ctx)
	if by.All {
		return q
	}
	return q.Where("product_id = ?", by.Product)
}

// List returns a page, newest first, without variables. Indexes:
// announcements_newest, announcements_product.
func (h Announcements) List(ctx context.Context, by Announcer, f AnnouncementFilter, page Page) ([]announcement.Announcement, string, error) {
	q := f.Apply(listed(h.announcements(ctx, by)))
	return newest(q, page, func(a announcement.Announcement) (time.Time, string) { return a.CreatedAt, a.ID })
}

// OpenBy returns the announcements of the operator that have not ended, oldest first; empty,
// never nil. Indexes: announcements_newest, and see made.
func (h Announcements) OpenBy(ctx context.Context, user string) ([]announcement.Announcement, error) {
	sc, open := h.p.platform(), []announcement.Announcement{}
	over := []announcement.State{announcement.Done, announcement.Cancelled, announcement.Expired}
	err := sc.rows(ctx).Where("product_id = ? AND state NOT IN ?", "", over).
		Where("id IN (?)", made(ctx, sc, user, "announcement.create")).Order("created_at, id").Find(&open).Error
	return open, failed("read announcements of their maker", err)
}

// ByID returns one; another announcer's is not found. Index: primary key.
func (h Announcements) ByID(ctx context.Context, by Announcer, id string) (announcement.Announcement, error) {
	return one[announcement.Announcement]("read announcement", h.announcements(ctx, by), id)
}

// Update lets fn change the announcement under its lock, wakes its
// workflow, and returns it before and after. Codes: not-found; whatever fn returns.
func (h Announcing) Update(ctx context.Context, by Announcer, id string,
	fn func(announcement.Announcement) (announcement.Announcement, error),
) (before, after announcement.Announcement, err error) {
	q := h.tx.Platform().Announcements().announcements(ctx, by)
	before, after, err = change(q, id, 0, announcementVersion, func(a *announcement.Announcement) error {
		var err error
		*a, err = fn(*a)
		return err
	})
	if err != nil {
		return before, after, err
	}
	return before, after, h.tx.In(models.Platform).wakes().wake(ctx, models.EntityAnnouncement, id)
}

func announcementVersion(a *announcement.Announcement) *int64 { return &a.Version }

// CountAudience counts the accounts of the announcement: of its own list, or of the
// one given. Index: primary key.
func (h Announcements) CountAudience(ctx context.Context, a announcement.Announcement, list []models.AccountID) (int64, error) {
	var total int64
	err := h.drafted(ctx, a, list).Count(&total).Error
	return total, failed("count the audience", err)
}

// SampleAudience returns the first accounts of a draft with its list, in the order of ids.
// Index: primary key.
func (h Announcements) SampleAudience(ctx context.Context, a announcement.Announcement, list []models.AccountID, limit int) ([]models.Account, error) {
	rows := []models.Account{}
	err := h.drafted(ctx, a, list).Order("accounts.id").Limit(limit).Find(&rows).Error
	return rows, failed("read accounts of a draft", err)
}

// drafted is the audience of what is stored, or else of a draft with its list.
func (h Announcements) drafted(ctx context.Context, a announcement.Announcement, list []models.AccountID) *gorm.DB {
	q := h.audience(ctx, a)
	if a.Audience.Listed && a.ID == "" {
		q = q.Where("accounts.id IN ?", list)
	}
	return q
}

// audience selects the announcement's accounts. Those that are made after it began are
// none of its.
func (h Announcements) audience(ctx context.Context, a announcement.Announcement) *gorm.DB {
	q := h.p.rows(ctx, whyAnnouncements).Model(&models.Account{}).Where("accounts.id <> ?", models.Platform)
	f := a.Audience
	if f.Listed && a.ID != "" {
		q = q.Joins("JOIN announcement_accounts l ON l.listed_id = accounts.id AND l.announcement_id = ?", a.ID)
	}
	if f.Language != "" {
		q = q.Where("accounts.language = ?", f.Language)
	}
	if f.TimeZone != "" {
		q = q.Where("accounts.time_zone = ?", f.TimeZone)
	}
	if f.AliasPrefix != "" { // of a–z, 0–9 and "-": nothing that a pattern could mean
		q = q.Where("accounts.alias LIKE ?", f.AliasPrefix+"%")
	}
	if f.CreatedFrom != nil {
		q = q.Where("accounts.created_at >= ?", *f.CreatedFrom)
	}
	if f.CreatedTo != nil {
		q = q.Where("accounts.created_at < ?", *f.CreatedTo)
	}
	if a.StartedAt != nil && !f.Listed {
		q = q.Where("accounts.created_at <= ?", *a.StartedAt)
	}
	return q
}

// Existing returns the accounts that the names, ids or aliases, mean; those
// that mean none are left out. The platform is none. Indexes: primary key,
// accounts_alias.
func (h Accounts) Existing(ctx context.Context, names []string) ([]models.Account, error) {
	const together = 500
	var found []models.Account
	for len(names) > 0 {
		part := names[:min(together, len(names))]
		names = names[len(part):]
		var rows []models.Account
		err := h.p.rows(ctx, "who announces names accounts").Select("id", "alias").
			Where("(id IN ? OR alias IN ?) AND id <> ?", part, part, models.Platform).Find(&rows).Error
		if err != nil {
			return nil, failed("find accounts", err)
		}
		found = append(found, rows...)
	}
	return found, nil
}

// Rollouts is what the workflow of an announcement orders.
type Rollouts struct{ s *Store }

// Rollouts returns what the workflow of an announcement orders.
func (s *Store) Rollouts() Rollouts { return Rollouts{s: s} }

// OpenAnnouncement returns the announcement as its workflow needs it. Index: primary key.
func (h Rollouts) OpenAnnouncement(ctx context.Context, id string) (announcement.Announcement, error) {
	return h.s.Platform().Announcements().ByID(ctx, Announcer{All: true}, id)
}

// AnnouncingProduct returns the product that announces; nil for an operator.
func (h Rollouts) AnnouncingProduct(ctx context.Context, a announcement.Announcement) (*models.Product, error) {
	if a.ProductID == "" {
		return nil, nil
	}
	product, err := h.s.Platform().Products().ByID(ctx, a.ProductID)
	return &product, err
}

// BeginAnnouncement begins one whose time has come, unless somebody did, and returns
// where it stands.
func (h Rollouts) BeginAnnouncement(ctx context.Context, a announcement.Announcement) (announcement.Announcement, error) {
	now := h.s.Now()
	counted := a
	counted.StartedAt = &now
	total, err := h.s.Platform().Announcements().CountAudience(ctx, counted, nil)
	if err != nil {
		return a, err
	}
	return h.moveAnnouncement(ctx, a, func(a announcement.Announcement, _ *Tx) (announcement.Announcement, error) {
		return a.Begun(total, now), nil
	})
}

// ExpireAnnouncement ends one whose time is over, unless it changed meanwhile, and
// returns where it stands.
func (h Rollouts) ExpireAnnouncement(ctx context.Context, a announcement.Announcement) (announcement.Announcement, error) {
	return h.moveAnnouncement(ctx, a, func(a announcement.Announcement, tx *Tx) (announcement.Announcement, error) {
		return a.Expired(tx.Now()), nil
	})
}

// HoldAnnouncement pauses one for the reason, unless it changed meanwhile, and returns
// where it stands.
func (h Rollouts) HoldAnnouncement(ctx context.Context, a announcement.Announcement, reason string) (announcement.Announcement, error) {
	return h.moveAnnouncement(ctx, a, func(a announcement.Announcement, _ *Tx) (announcement.Announcement, error) {
		return a.Paused(reason)
	})
}

// NextAccounts returns up to limit accounts of the announcement after the one that it
// reached, in the order of ids. Index: primary key.
func (h Rollouts) NextAccounts(ctx context.Context, a announcement.Announcement, limit int) ([]models.Account, error) {
	rows := []models.Account{}
	err := h.s.Platform().Announcements().audience(ctx, a).Select("accounts.id", "accounts.language", "accounts.enabled").
		Where("accounts.id > ?", a.Reached).Order("accounts.id").Limit(limit).Find(&rows).Error
	return rows, failed("read accounts of announcement", err)
}

// AdvanceAnnouncement accepts the page's notifications and moves the announcement
// behind its accounts, in one transaction; so each account gets exactly one, whoever
// dies. Nothing happens when the announcement is not where the page begins, or does
// not run any more. It returns where the announcement stands.
func (h Rollouts) AdvanceAnnouncement(ctx context.Context, a announcement.Announcement, page announcement.Page) (announcement.Announcement, error) {
	return h.moveAnnouncement(ctx, a, func(a announcement.Announcement, tx *Tx) (announcement.Announcement, error) {
		if a.Reached != page.From {
			return a, nil
		}
		accepted, err := tx.Announcing().acceptEach(ctx, page.Acceptances)
		return a.PagedTo(page, accepted, tx.Now()), err
	})
}

// acceptEach accepts what can be accepted and returns how many: a product may have
// used the external id of one for something else.
func (h Announcing) acceptEach(ctx context.Context, acceptances []models.Acceptance) (int, error) {
	_, err := h.tx.Accept(ctx, acceptances)
	if models.CodeOf(err) != models.CodeConflict {
		return len(acceptances), err
	}
	accepted := 0
	for _, each := range acceptances {
		_, err := h.tx.Accept(ctx, []models.Acceptance{each})
		if models.CodeOf(err) == models.CodeConflict {
			continue
		}
		if err != nil {
			return accepted, err
		}
		accepted++
	}
	return accepted, nil
}

// moveAnnouncement lets fn move the announcement on under its lock, if it is still in
// the state that was read, and returns where it stands.
func (h Rollouts) moveAnnouncement(ctx context.Context, read announcement.Announcement,
	fn func(announcement.Announcement, *Tx) (announcement.Announcement, error),
) (announcement.Announcement, error) {
	now := read
	err := h.s.Write(ctx, func(tx *Tx) error {
		q := tx.In(models.Platform).rows(ctx)
		before, err := one[announcement.Announcement]("lock announcement", forUpdate(q.Session(&gorm.Session{})), read.ID)
		if now = before; err != nil || before.State != read.State {
			return err
		}
		after, err := fn(before, tx)
		if err != nil {
			return err
		}
		now = after
		return failed("move announcement", tx.In(models.Platform).rows(ctx).Model(&after).Select(moving).Updates(&after).Error)
	})
	return now, err
}

// moving are the columns that change on the way.
var moving = []string{
	"state", "reason", "next_at", "reached", "total", "accepted", "disabled", "refused",
	"started_at", "paced_at", "paced_from", "paged_at", "finished_at",
}
