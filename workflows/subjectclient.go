package workflows

import (
	"context"
	"fmt"

	"belfry.dev/belfry/models"
)

// subjectWorkflows are the names of the workflows that look after subjects.
var subjectWorkflows = map[models.SubjectKind]string{
	models.SubjectInvitation:   NameInvitation,
	models.SubjectAnnouncement: NameAnnouncement,
	models.SubjectResource:     NameReminder,
}

// subjectID is the workflow's id: "invitation/<id>".
func subjectID(s models.Subject) string { return string(s.Kind) + "/" + s.ID }

// WakeSubject makes the subject's workflow look at its row, and starts it when it
// does not run. Calling it again does no harm.
func (c *Client) WakeSubject(ctx context.Context, s models.Subject) error {
	name, known := subjectWorkflows[s.Kind]
	if !known {
		return fmt.Errorf("no workflow looks after subjects of kind %q", s.Kind)
	}
	return c.wake(ctx, s.AccountID, subjectID(s), name, SubjectInput{AccountID: s.AccountID, ID: s.ID})
}

// SubjectRuns reports whether the subject's workflow runs.
func (c *Client) SubjectRuns(ctx context.Context, s models.Subject) (bool, error) {
	return c.runs(ctx, subjectID(s))
}
