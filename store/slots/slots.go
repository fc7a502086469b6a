// Package slots keeps what is known of the pace of each credential (models/pacing): one row for
// all bots and processes that use it, changed by compare and set. It knows no account.
package slots

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"belfry.dev/belfry/models/pacing"
)

// Slots is the table of all credentials.
type Slots struct {
	reader, writer *gorm.DB
	now            func() time.Time
	// name makes the row's key of a credential, which is never stored.
	name func(string) string
}

// New returns the table. name must not tell what it is given.
func New(reader, writer *gorm.DB, now func() time.Time, name func(string) string) Slots {
	return Slots{reader: reader, writer: writer, now: now, name: name}
}

// row is one credential.
type row struct {
	Name      string `gorm:"primaryKey"`
	State     string
	Version   int64
	UpdatedAt time.Time
}

// TableName is the table's name.
func (row) TableName() string { return "pace_limits" }

// tries bounds how often a change is begun anew because another process was faster.
const tries = 8

// errBusy says that others were faster every time.
var errBusy = errors.New("the limit was changed by others every time")

// TakeSlot takes a slot for a call to the credential, or says when to ask again.
func (s Slots) TakeSlot(ctx context.Context, credential string, p pacing.Rate, urgent bool) (pacing.Ticket, time.Time, error) {
	t := pacing.Ticket{Credential: credential}
	var until time.Time
	err := s.change(ctx, credential, func(l pacing.Limit) (pacing.Limit, bool) {
		t.TakenAt = s.now()
		l, until = p.Take(l, t.TakenAt, urgent)
		return l, until.IsZero()
	})
	if errors.Is(err, errBusy) {
		return t, s.now().Add(time.Second), nil
	}
	return t, until, err
}

// AnswerSlot reports that the call was answered, or not made.
func (s Slots) AnswerSlot(ctx context.Context, t pacing.Ticket) error {
	return s.change(ctx, t.Credential, func(l pacing.Limit) (pacing.Limit, bool) { return l.Answered(t.TakenAt, s.now()), true })
}

// RefuseSlot reports that the platform refused the call for its frequency, and what it asked for.
func (s Slots) RefuseSlot(ctx context.Context, t pacing.Ticket, p pacing.Rate, wait time.Duration) error {
	return s.change(ctx, t.Credential, func(l pacing.Limit) (pacing.Limit, bool) {
		return p.Refused(l.Answered(t.TakenAt, s.now()), s.now(), wait), true
	})
}

// read reads what is known of a credential. Index: primary key.
func (s Slots) read(ctx context.Context, name string) (pacing.Limit, int64, error) {
	var rows []row
	var l pacing.Limit
	if err := s.reader.WithContext(ctx).Where("name = ?", name).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return l, 0, wrap("read limit", err)
	}
	return l, rows[0].Version, wrap("read limit", json.Unmarshal([]byte(rows[0].State), &l))
}

// change stores what fn makes of the limit, if it says so. Index: primary key.
func (s Slots) change(ctx context.Context, credential string, fn func(pacing.Limit) (pacing.Limit, bool)) error {
	name := s.name("slots of " + credential)
	for range tries {
		l, version, err := s.read(ctx, name)
		if err != nil {
			return err
		}
		next, changed := fn(l)
		if !changed {
			return nil
		}
		stored, err := s.write(ctx, name, next, version)
		if err != nil || stored {
			return err
		}
	}
	return errBusy
}

// write reports whether nobody else was faster.
func (s Slots) write(ctx context.Context, name string, l pacing.Limit, version int64) (bool, error) {
	state, err := json.Marshal(l)
	if err != nil {
		return false, wrap("store limit", err)
	}
	next := row{Name: name, State: string(state), Version: version + 1, UpdatedAt: s.now()}
	db := s.writer.WithContext(ctx)
	if version == 0 {
		err := db.Create(&next).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return false, nil
		}
		return err == nil, wrap("store limit", err)
	}
	result := db.Model(&row{}).Where("name = ? AND version = ?", name, version).
		Updates(map[string]any{"state": next.State, "version": next.Version, "updated_at": next.UpdatedAt})
	return result.RowsAffected > 0, wrap("store limit", result.Error)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
