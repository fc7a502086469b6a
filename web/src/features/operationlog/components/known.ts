/** The operations that the log tells of, for the choice of a filter. A test compares them with the API's document. */
export const actions = [
  "access_key.create", "access_key.delete", "access_key.rotate", "account_operation.export", "account.contact_update", "account.create", "account.reset_root", "account.self_update", "account.update",
  "announcement.cancel", "announcement.create", "announcement.pause", "announcement.resume", "bot.create", "bot.delete", "bot.resume", "bot.rotate_secret",
  "bot.set_preferences", "bot.test", "bot.update", "calendar_feed.create", "calendar_feed.delete", "calendar_feed.rotate", "contact.batch", "contact.create",
  "contact.delete", "contact.set_preferences", "contact.update", "contact_group.add_members", "contact_group.create", "contact_group.delete",
  "contact_group.remove_members", "contact_group.set_members", "contact_group.update", "delivery.resend", "grant.create", "grant.delete", "invitation.confirm_code", "invitation.resend",
  "message.delete", "message.delete_all", "message.read", "message.read_all", "message_type.create", "message_type.update", "my_contact.set_unsubscribed",
  "my_contact.update", "my_invitation.confirm_code", "my_invitation.resend", "my_message.delete", "my_message.delete_all", "my_message.read", "my_message.read_all",
  "notification.cancel", "notification.create", "notification.create_batch", "notification.resend", "operation.export", "operator.create", "operator.delete", "operator.update",
  "position.replace", "product.create", "product.update", "product_key.create", "product_key.delete", "product_key.rotate", "profile.password", "profile.update",
  "provider.create", "provider.delete", "provider.resume", "provider.test", "provider.update", "resource.delete", "resource.put", "resource.put_batch", "resource.release",
  "resource.renew", "resource.update", "resource.will_not_renew", "retention.update", "session.create", "session.delete", "subscription.marketing", "subscription.revert",
  "subscription.update", "subscription.update_many", "unsubscribe.confirm", "unsubscribe.undo", "user.create", "user.delete", "user.update", "user_contact.update",
  "user_contact.waive", "user_key.delete", "user_session.delete", "verify.confirm", "verify.resend",
];

/** The kinds of objects that the log tells of; a test compares them with the sources of the API. */
export const kinds = [
  "access_key", "account", "announcement", "bot", "calendar_feed", "contact", "contact_group", "grant", "inbox", "message", "message_type", "notification",
  "operation_log", "operator", "position", "product", "provider", "resource", "retention", "session", "subscription", "user",
];
