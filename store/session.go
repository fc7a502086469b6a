package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/text"
)

// SignedIn is a live session with whom it signs in.
type SignedIn struct {
	Session models.Session
	User    models.User
	Account models.Account
}

// SignedIn returns the session whose token has the SHA-256. Code not-found: it is
// unknown, expired or revoked, or its user or account is disabled or gone.
// Indexes: sessions_hash, primary keys.
func (p Platform) SignedIn(ctx context.Context, hash []byte) (SignedIn, error) {
	var in SignedIn
	q := p.rows(ctx, "the token alone says whose it is")
	if err := q.Where("hash = ?", hash).Take(&in.Session).Error; err != nil {
		return SignedIn{}, failed("read session", err)
	}
	if !in.Session.Live(p.now()) {
		return SignedIn{}, models.NotFound()
	}
	var err error
	in.User, in.Account, err = p.person(ctx, in.Session.AccountID, in.Session.UserID)
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

// person returns an enabled user of an enabled account.
func (p Platform) person(ctx context.Context, account models.AccountID, user string) (models.User, models.Account, error) {
	scope := Scope{account: account, db: p.db, vault: p.vault, now: p.now}
	u, err := scope.User(ctx, user)
	if err != nil {
		return u, models.Account{}, err
	}
	a, err := p.Account(ctx, account)
	if err != nil {
		return u, a, err
	}
	if !u.Enabled || !a.Enabled {
		return models.User{}, models.Account{}, models.NotFound()
	}
	return u, a, nil
}

// Sessions returns a page of the user's live sessions, newest first. Index:
// sessions_user.
func (sc Scope) Sessions(ctx context.Context, user string, page Page) ([]models.Session, string, error) {
	q := sc.rows(ctx).Where("user_id = ?", user).Where("revoked_at IS NULL").Where("expires_at > ?", sc.now())
	return newest(q, page, func(s models.Session) (time.Time, string) { return s.CreatedAt, s.ID })
}

// CreateSession inserts the session; it fills in id, account and times. The
// caller sets user, hash, origin and expiry.
func (tx TxScope) CreateSession(ctx context.Context, s *models.Session) error {
	s.ID, s.AccountID, s.LastSeenAt = NewID(models.KindSession), tx.account, tx.now()
	s.UserAgent, s.IP = text.Head(s.UserAgent, 512), text.Head(s.IP, 64)
	return failed("create session", tx.insert(ctx, s))
}

// TouchSession records that the session was used now.
func (tx TxScope) TouchSession(ctx context.Context, id string) error {
	err := tx.rows(ctx).Model(&models.Session{}).Where("id = ?", id).Update("last_seen_at", tx.now()).Error
	return failed("touch session", err)
}

// RevokeSession ends the user's session; repeating it changes nothing. It returns
// the session. Code not-found: the user has no such session.
func (tx TxScope) RevokeSession(ctx context.Context, user, id string) (models.Session, error) {
	s, err := one[models.Session]("lock session", forUpdate(tx.rows(ctx).Where("user_id = ?", user)), id)
	if err != nil || s.RevokedAt != nil {
		return s, err
	}
	now := tx.now()
	err = tx.rows(ctx).Model(&models.Session{}).Where("id = ?", id).Update("revoked_at", now).Error
	s.RevokedAt = &now
	return s, failed("revoke session", err)
}

// RevokeSessions ends all sessions of the user but the one given, which may be
// "". It returns how many it ended.
func (tx TxScope) RevokeSessions(ctx context.Context, user, except string) (int64, error) {
	result := tx.rows(ctx).Model(&models.Session{}).
		Where("user_id = ?", user).Where("id <> ?", except).Where("revoked_at IS NULL").
		Update("revoked_at", tx.now())
	return result.RowsAffected, failed("revoke sessions", result.Error)
}
