package activities

import (
	"context"
	"time"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
)

// notice makes a notification of the platform's own for the account, in the
// account's language, ready to be accepted. Who accepts it more than once gives it an
// external id.
func (a *Activities) notice(ctx context.Context, account models.AccountID, key string, variables map[string]string) (models.Acceptance, error) {
	language, err := a.Store.AccountLanguage(ctx, account)
	if err != nil {
		return models.Acceptance{}, err
	}
	kind, err := a.Store.CurrentMessageType(ctx, key)
	if err != nil {
		return models.Acceptance{}, err
	}
	return a.noticeOf(kind, account, language, variables)
}

// noticeOf is notice, for what was read already.
func (a *Activities) noticeOf(kind models.MessageType, account models.AccountID, language models.Locale, variables map[string]string) (models.Acceptance, error) {
	n := models.Notification{
		AccountID: account, Type: kind.Key, TypeVersion: kind.Version, Category: kind.Category, Severity: kind.Severity,
		Source: models.SourcePlatform, Language: language, Variables: variables,
		ExpiresAt: a.now().Add(time.Duration(kind.DeadlineSeconds) * time.Second),
	}
	text, err := a.Renderer.Render(kind, language, catalog.Input{Variables: variables, Severity: n.Severity})
	return models.Acceptance{Notification: n, Inbox: text}, err
}
