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
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	id := subjectID(s)
	if err := c.temporal.SignalWorkflow(ctx, id, "", signalWake, nil); !missing(err) {
		return wrap("wake", id, err)
	}
	return c.startSubject(ctx, s, name)
}

// startSubject starts the workflow of a subject that had none. Its first step looks at
// the row, so that no signal comes with it: that would be kept, and answered by another
// look. Nor does a memo, which nobody reads. If somebody else was faster, that
// workflow's first step saw the row as the caller left it.
func (c *Client) startSubject(ctx context.Context, s models.Subject, name string) error {
	o := c.optionsOf(s.AccountID, subjectID(s))
	o.Memo = nil
	_, err := c.temporal.ExecuteWorkflow(ctx, o, name, SubjectInput{AccountID: s.AccountID, ID: s.ID})
	if alreadyRuns(err) {
		return nil
	}
	return wrap("start", o.ID, err)
}

// SubjectRuns reports whether the subject's workflow runs.
func (c *Client) SubjectRuns(ctx context.Context, s models.Subject) (bool, error) {
	return c.runs(ctx, subjectID(s))
}
