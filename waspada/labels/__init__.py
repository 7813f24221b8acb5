"""What analysts say of items: queues, answers, agreement, import and export."""
