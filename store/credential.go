package store

import (
	"context"
	"time"

	"belfry.dev/belfry/models"
)

// LiveCredential is what a session, an access key or a user is good for at this moment.
type LiveCredential struct {
	AccountID models.AccountID
	UserID    string
	// Roles are those of the user's kind and of the unexpired grants.
	Roles []models.Role
	// LastSeenAt is when a session was last used; zero for an access key.
	LastSeenAt time.Time
}

// credentialRow is a credential with its user and one of the user's grants, or none.
type credentialRow struct {
	ID         string
	AccountID  models.AccountID
	UserID     string
	Kind       models.UserKind
	ExpiresAt  *time.Time
	RevokedAt  *time.Time
	LastSeenAt *time.Time
	Role       *models.Role
	GrantEnds  *time.Time
}

// credentialChunk is how many credentials one statement asks for.
const credentialChunk = 200

// States returns what each session and access key that is live now and belongs to
// an enabled user of an enabled account is good for, and each such user, by id; others are
// left out. Indexes: primary keys, grants_role.
func (h Credentials) States(ctx context.Context, sessions, keys, users []string) (map[string]LiveCredential, error) {
	found := map[string]LiveCredential{}
	const ofSessions = "c.user_id, c.last_seen_at FROM sessions c JOIN users u ON u.account_id = c.account_id AND u.id = c.user_id"
	const ofKeys = "c.owner_id AS user_id FROM access_keys c JOIN users u ON u.account_id = c.account_id AND u.id = c.owner_id AND c.owner_kind = 'user'"
	const ofUsers = "c.user_id FROM (SELECT id, account_id, id AS user_id, NULL AS expires_at, NULL AS revoked_at FROM users) c" +
		" JOIN users u ON u.account_id = c.account_id AND u.id = c.user_id"
	for _, each := range []struct {
		source string
		ids    []string
	}{{ofSessions, sessions}, {ofKeys, keys}, {ofUsers, users}} {
		if err := h.states(ctx, each.source, each.ids, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (h Credentials) states(ctx context.Context, source string, ids []string, found map[string]LiveCredential) error {
	for len(ids) > 0 {
		chunk := ids[:min(credentialChunk, len(ids))]
		ids = ids[len(chunk):]
		var rows []credentialRow
		err := h.p.rows(ctx, "each credential says whose it is").Raw(
			"SELECT c.id, c.account_id, c.expires_at, c.revoked_at, u.kind, g.role, g.expires_at AS grant_ends, "+source+
				" JOIN accounts a ON a.id = c.account_id LEFT JOIN grants g ON g.account_id = c.account_id AND g.user_id = u.id"+
				" WHERE c.id IN ? AND u.enabled = ? AND a.enabled = ? ORDER BY c.id, g.role", chunk, true, true).Scan(&rows).Error
		if err != nil {
			return failed("read credentials", err)
		}
		collect(rows, h.p.now(), found)
	}
	return nil
}

// collect turns the rows of each credential, which stand together, into what it is good for.
func collect(rows []credentialRow, now time.Time, found map[string]LiveCredential) {
	for len(rows) > 0 {
		first, n := rows[0], 0
		var grants []membership
		for ; n < len(rows) && rows[n].ID == first.ID; n++ {
			grants = append(grants, membership{Kind: first.Kind, Role: rows[n].Role, ExpiresAt: rows[n].GrantEnds})
		}
		rows = rows[n:]
		if !(models.AccessKey{ExpiresAt: first.ExpiresAt, RevokedAt: first.RevokedAt}).Usable(now) {
			continue // sessions end by the same rule
		}
		s := LiveCredential{AccountID: first.AccountID, UserID: first.UserID, Roles: confer(grants, now)}
		if first.LastSeenAt != nil {
			s.LastSeenAt = *first.LastSeenAt
		}
		found[first.ID] = s
	}
}
