package store

import (
	"context"
	"maps"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// subscriptionHead is the one row that every change of an account's matrix locks: so a
// choice never names a contact that is being deleted.
type subscriptionHead struct {
	AccountID models.AccountID `gorm:"primaryKey"`
	// Version counts the changes.
	Version   int64
	UpdatedAt time.Time
}

// Subscriptions reads the account's choices of who gets what.
type Subscriptions struct{ sc Scope }

// Subscriptions returns the account's choices of who gets what.
func (sc Scope) Subscriptions() Subscriptions { return Subscriptions{sc: sc} }

// TxSubscriptions reads and changes the account's choices of who gets what, in a transaction.
type TxSubscriptions struct {
	Subscriptions
	tx TxScope
}

// Subscriptions returns the account's choices of who gets what, inside the transaction.
func (tx TxScope) Subscriptions() TxSubscriptions {
	return TxSubscriptions{Subscriptions: tx.Scope.Subscriptions(), tx: tx}
}

// Matrix returns what the account chose for all types, in two queries. Indexes: primary keys.
func (h Subscriptions) Matrix(ctx context.Context) (models.Matrix, error) {
	m := models.Matrix{Version: 1}
	err := h.sc.snapshot(ctx, func(sc Scope) error {
		var heads []subscriptionHead
		if err := sc.rows(ctx).Find(&heads).Error; err != nil {
			return failed("read the matrix's version", err)
		}
		for _, head := range heads {
			m.Version = head.Version
		}
		var err error
		m.Choices, err = sc.Subscriptions().choices(ctx)
		return err
	})
	return m, failed("read the matrix", err)
}

// choices returns what was chosen for the types, or for all when none is named. Index:
// primary key.
func (h Subscriptions) choices(ctx context.Context, typeKeys ...string) (map[string]models.Choice, error) {
	q := h.sc.rows(ctx)
	if len(typeKeys) > 0 {
		q = q.Where("type_key IN ?", typeKeys)
	}
	var rows []models.Subscription
	if err := q.Find(&rows).Error; err != nil {
		return nil, failed("read subscriptions", err)
	}
	choices := make(map[string]models.Choice, len(rows))
	for _, row := range rows {
		choices[row.TypeKey] = row.Choice
	}
	return choices, nil
}

// MatrixChange says who changes a matrix, and why.
type MatrixChange struct {
	// IfVersion must be the matrix's version; 0 insists on none.
	IfVersion int64
	By        models.Actor
	// Action is the operation that changes it: "subscription.update".
	Action string
}

// Update lets fn change what the account chose, stores what is different as the next
// version and writes it into the history; a change that changes nothing makes no version.
// It returns the matrix before and after. Codes: stale-version; whatever fn returns.
func (h TxSubscriptions) Update(ctx context.Context, by MatrixChange, fn func(*models.Matrix) error) (before, after models.Matrix, err error) {
	if before.Version, err = h.lock(ctx); err != nil {
		return before, after, err
	}
	if by.IfVersion != 0 && by.IfVersion != before.Version {
		return before, after, models.Errorf(models.CodeStale, "It was changed meanwhile; its version is %d now.", before.Version)
	}
	if before.Choices, err = h.choices(ctx); err != nil {
		return before, after, err
	}
	after = models.Matrix{Version: before.Version, Choices: maps.Clone(before.Choices)}
	if err := fn(&after); err != nil {
		return before, after, err
	}
	changed := before.Differences(after)
	if len(changed) == 0 {
		return before, after, nil
	}
	after.Version++
	head := subscriptionHead{Version: after.Version, UpdatedAt: h.tx.now()}
	if err := h.tx.rows(ctx).Model(&subscriptionHead{}).Select("version", "updated_at").Updates(&head).Error; err != nil {
		return before, after, failed("count the change", err)
	}
	return before, after, h.storeChoices(ctx, by, before, after, changed)
}

// lock makes the head of a matrix that was never changed, and returns its version.
func (h TxSubscriptions) lock(ctx context.Context) (int64, error) {
	head := subscriptionHead{AccountID: h.tx.account, Version: 1, UpdatedAt: h.tx.now()}
	if err := h.tx.insertOr(ctx, clause.OnConflict{DoNothing: true}, &head); err != nil {
		return 0, failed("make the matrix", err)
	}
	err := forUpdate(h.tx.rows(ctx)).Take(&head).Error
	return head.Version, failed("lock the matrix", err)
}

// storeChoices stores the changed choices and their history.
func (h TxSubscriptions) storeChoices(ctx context.Context, by MatrixChange, before, after models.Matrix, changed []string) error {
	history := make([]models.SubscriptionChange, 0, len(changed))
	var rows []models.Subscription
	var gone []string
	for _, key := range changed {
		entry := models.SubscriptionChange{
			AccountID: h.tx.account, Version: after.Version, TypeKey: key, At: h.tx.now(),
			ActorKind: by.By.Kind, ActorID: by.By.ID, ActorName: by.By.Name, Action: by.Action,
		}
		if old, ok := before.Choices[key]; ok {
			entry.Before = &old
		}
		if chosen, ok := after.Choices[key]; ok && !chosen.IsZero() {
			entry.After = &chosen
			rows = append(rows, models.Subscription{AccountID: h.tx.account, TypeKey: key, Choice: chosen, UpdatedAt: h.tx.now()})
		} else {
			gone = append(gone, key)
		}
		history = append(history, entry)
	}
	if len(rows) > 0 {
		replace := clause.OnConflict{
			Columns:   []clause.Column{{Name: "account_id"}, {Name: "type_key"}},
			DoUpdates: clause.AssignmentColumns([]string{"choice", "updated_at"}),
		}
		if err := h.tx.insertOr(ctx, replace, &rows); err != nil {
			return failed("store subscriptions", err)
		}
	}
	if len(gone) > 0 {
		if err := h.tx.rows(ctx).Where("type_key IN ?", gone).Delete(&models.Subscription{}).Error; err != nil {
			return failed("delete subscriptions", err)
		}
	}
	return failed("store the history", h.tx.insert(ctx, &history))
}

// byBelfry is a change that comes with a deletion; who wants to be named in the history
// leaves the matrix first.
func byBelfry(action string) MatrixChange {
	return MatrixChange{By: models.Actor{Kind: models.ActorSystem}, Action: action}
}

// Leave takes a contact, contact group or bot that is being deleted out of the
// account's choices, and its preferences with it. Types that lose their last target fall
// back to the account contact. It returns the matrix before and after.
func (h TxSubscriptions) Leave(ctx context.Context, id string, by MatrixChange) (before, after models.Matrix, err error) {
	if err := h.tx.rows(ctx).Where("recipient_id = ?", id).Delete(&models.Preferences{}).Error; err != nil {
		return before, after, failed("delete preferences", err)
	}
	return h.Update(ctx, by, func(m *models.Matrix) error {
		for key, chosen := range m.Choices {
			m.Choices[key] = chosen.Without(id)
		}
		return nil
	})
}

// Recipients are the names of whom an account can choose, by id. Never nil.
type Recipients struct {
	Contacts map[string]string
	Groups   map[string]string
	Bots     map[string]string
}

// Recipients returns whom the account can choose, in three queries. Indexes:
// contacts_newest, contact_groups_newest, bots_newest.
func (h Subscriptions) Recipients(ctx context.Context) (Recipients, error) {
	r := Recipients{Contacts: map[string]string{}, Groups: map[string]string{}, Bots: map[string]string{}}
	for _, each := range []struct {
		model any
		names map[string]string
	}{{&models.Contact{}, r.Contacts}, {&models.ContactGroup{}, r.Groups}, {&models.Bot{}, r.Bots}} {
		if err := namesOf(h.sc.rows(ctx).Model(each.model), each.names); err != nil {
			return r, err
		}
	}
	return r, nil
}

func namesOf(q *gorm.DB, names map[string]string) error {
	var rows []struct{ ID, Name string }
	if err := q.Select("id", "name").Find(&rows).Error; err != nil {
		return failed("read names", err)
	}
	for _, row := range rows {
		names[row.ID] = row.Name
	}
	return nil
}

// Types returns all message types as they stand now, sorted by key; see MessageTypes. Index:
// primary key.
func (h Catalogue) Types(ctx context.Context) ([]models.MessageType, error) {
	return h.typesOf(ctx, h.s.Platform())
}

func (h Catalogue) typesOf(ctx context.Context, p Platform) ([]models.MessageType, error) {
	var rows []messageTypeRow
	if err := p.rows(ctx, whyTypes).Order("type_key").Find(&rows).Error; err != nil {
		return nil, failed("list message types", err)
	}
	return h.s.types.all(ctx, p, rows)
}

// Configured returns the channels that operators offer, sorted. Index: providers_channel.
func (h Subscriptions) Configured(ctx context.Context) ([]models.Channel, error) {
	return h.sc.Routing().configured(ctx)
}
