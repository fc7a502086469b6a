package sessions

import (
	"context"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/store"
)

func describeUserSessions() map[string]operation.Operation {
	return map[string]operation.Operation{
		"user_session.list": {
			Summary:     "List where a user is signed in",
			Description: "Where and when each was begun and last used.",
		},
		"user_session.delete": {
			Summary:     "Sign a user out",
			Description: "Its token is refused from then on.",
		},
	}
}

type listUserSessionsIn struct {
	ID string `path:"id" pattern:"^usr_[0-9a-f]{32}$"`
	operation.Listing
}

func listUserSessions(ctx context.Context, c *operation.Call, in *listUserSessionsIn) (*operation.ListOut[sessionView], error) {
	p, err := c.Paging(in.Listing)
	if err != nil {
		return nil, err
	}
	if _, err := c.Store.In(c.Account()).Users().ByID(ctx, in.ID); err != nil {
		return nil, err
	}
	rows, next, err := c.Store.In(c.Account()).Sessions().List(ctx, in.ID, p.Page)
	return operation.Listed(p, rows, next, viewSession(c.Actor.SessionID)), err
}

type deleteUserSessionIn struct {
	ID      string `path:"id" pattern:"^usr_[0-9a-f]{32}$"`
	Session string `path:"session" pattern:"^ses_[0-9a-f]{32}$"`
}

func deleteUserSession(ctx context.Context, c *operation.Call, in *deleteUserSessionIn) (*operation.Nothing, error) {
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[operation.Nothing], error) {
		user, err := tx.In(c.Account()).Users().ByID(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		session, err := tx.In(c.Account()).Sessions().Revoke(ctx, in.ID, in.Session)
		if err != nil {
			return nil, err
		}
		return operation.Did(&operation.Nothing{}, operation.Of("session", session.ID, user.Name), viewSession("")(session), nil), nil
	})
}
