"""All flows and all texts, listed in one place."""

from __future__ import annotations

from pathlib import Path

from flows.book_queue.flow import flow as book_queue
from flows.called_off.flow import flow as called_off
from flows.cancel_queue.flow import flow as cancel_queue
from flows.change_membership_data.flow import flow as change_membership_data
from flows.checkup_info.flow import flow as checkup_info
from flows.complaint_status.flow import flow as complaint_status
from flows.details.flow import flow as details
from flows.doctor_schedule.flow import flow as doctor_schedule
from flows.dues_info.flow import flow as dues_info
from flows.emergency.flow import flow as emergency
from flows.facility_info.flow import flow as facility_info
from flows.file_complaint.flow import flow as file_complaint
from flows.goodbye.flow import flow as goodbye
from flows.greeting.flow import flow as greeting
from flows.health_question.flow import flow as health_question
from flows.meant.flow import flow as meant
from flows.membership_status.flow import flow as membership_status
from flows.menu.flow import flow as menu
from flows.not_me.flow import flow as not_me
from flows.out_of_scope.flow import flow as out_of_scope
from flows.queue_status.flow import flow as queue_status
from flows.registration_requirements.flow import flow as registration_requirements
from flows.reminder_answer.flow import flow as reminder_answer
from flows.replies import load_replies
from flows.reschedule_queue.flow import flow as reschedule_queue
from flows.resume.flow import flow as resume
from flows.running import collect
from flows.second_ask.flow import flow as second_ask
from flows.start_messages.flow import flow as start_messages
from flows.stop_messages.flow import flow as stop_messages
from flows.talk_to_staff.flow import flow as talk_to_staff
from flows.thanks.flow import flow as thanks
from flows.vaccination_info.flow import flow as vaccination_info
from flows.visit_history.flow import flow as visit_history

FLOWS = collect(
    (
        book_queue,
        called_off,
        cancel_queue,
        change_membership_data,
        checkup_info,
        complaint_status,
        details,
        doctor_schedule,
        dues_info,
        emergency,
        facility_info,
        file_complaint,
        goodbye,
        greeting,
        health_question,
        meant,
        membership_status,
        menu,
        not_me,
        out_of_scope,
        queue_status,
        registration_requirements,
        reminder_answer,
        reschedule_queue,
        resume,
        second_ask,
        start_messages,
        stop_messages,
        talk_to_staff,
        thanks,
        vaccination_info,
        visit_history,
    )
)

REPLIES = load_replies([Path(__file__).parent])
