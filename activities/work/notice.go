package work

import (
	"context"
	"time"

	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/models"
)

// Notice makes a notification of the platform's own for the account, in the
// account's language, ready to be accepted. Who accepts it more than once gives it an
// external id.
func (w *Work) Notice(ctx context.Context, account models.AccountID, key string, variables map[string]string) (models.Acceptance, error) {
	language, err := w.Types.AccountLanguage(ctx, account)
	if err != nil {
		return models.Acceptance{}, err
	}
	kind, err := w.Types.CurrentMessageType(ctx, key)
	if err != nil {
		return models.Acceptance{}, err
	}
	return w.NoticeOf(kind, account, language, variables)
}

// NoticeOf is Notice, for what was read already.
func (w *Work) NoticeOf(kind models.MessageType, account models.AccountID, language models.Locale, variables map[string]string) (models.Acceptance, error) {
	n := models.Notification{
		AccountID: account, Type: kind.Key, TypeVersion: kind.Version, Category: kind.Category, Severity: kind.Severity,
		Source: models.SourcePlatform, Language: language, Variables: variables,
		ExpiresAt: w.Now().Add(time.Duration(kind.DeadlineSeconds) * time.Second),
	}
	text, err := w.Renderer.Render(kind, language, catalog.Input{Variables: variables, Severity: n.Severity})
	return models.Acceptance{Notification: n, Inbox: text}, err
}
